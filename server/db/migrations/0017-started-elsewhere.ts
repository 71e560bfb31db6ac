import { type Kysely, sql } from 'kysely'

// Threads that our people have started where another company hosts, until its log has them: `begins` marks the genesis
// among what waits.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table pending add column begins boolean not null default false`.execute(db)
  // Its host promises to have it before we have a copy of its log.
  await sql`alter table promise drop constraint promise_space_id_fkey`.execute(db)
  await sql`create index pending_begins on pending (sender, created_at desc) where begins`.execute(db)
  await sql`create index pending_genesis on pending (space_id) where begins`.execute(db)
}
