import { type Kysely, sql } from 'kysely'

// What a workspace allows between itself and others, and what was decided by it. A policy is one JSON text per
// scope, because it is read and changed as a whole.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table policy (
      -- 'workspace', or the node id of a partner.
      scope text primary key,
      settings text not null,
      changed_at bigint not null,
      changed_by text not null
    )
  `.execute(db)
  // With the facts it was made from, so that a draft of a policy can be tried on the past.
  await sql`
    create table decision (
      id uuid primary key,
      at bigint not null,
      kind text not null,
      verdict text not null check (verdict in ('allowed', 'approval', 'refused')),
      rule text not null,
      actor text,
      peer text,
      space_id text,
      facts text not null
    )
  `.execute(db)
  await sql`create index decision_at on decision (at desc, id desc)`.execute(db)
}
