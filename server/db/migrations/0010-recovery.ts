import { type Kysely, sql } from 'kysely'

// Knowing that this database was put back from a backup, and what is found out then about what came after it.

const statements = [
  // One row, made at the first start. It lives as long as the database does: one that is loaded from a dump has
  // another place, and one that is put back is behind the mark that lies beside it.
  `create table incarnation (
    one boolean primary key default true check (one),
    id text not null,
    place text not null,
    tick bigint not null,
    probe text not null,
    recovering_since bigint,
    reason text
  )`,
  // Who has to be asked, and how far that has come.
  `create table reconciliation (
    node text primary key,
    -- It has said what it holds of ours.
    answered_at bigint,
    -- We know again what it hosts.
    caught_up_at bigint,
    tried_at bigint,
    -- An operator has said that nobody will ever hear what it holds.
    lost_at bigint,
    outcome text
  )`,
  // What others hold of logs that we host, by our own signature.
  `create table claimed_head (
    space_id text not null,
    node text not null,
    epoch int not null,
    seq bigint not null,
    hash text not null,
    jws text not null,
    primary key (space_id, node)
  )`,
  // Nobody reads or writes here until it is known what was said after the backup.
  `alter table space add column withheld boolean not null default false`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
