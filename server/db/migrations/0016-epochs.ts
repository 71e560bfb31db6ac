import { type Kysely, sql } from 'kysely'

// What was cut from logs when they went on in another epoch, and the epochs that hosts offer where our copy holds
// another branch.

const statements = [
  // Entries beyond the point that a new epoch goes on from: kept for administrators, and never served as history.
  `create table side_entry (
    space_id text not null references space (id) on delete cascade,
    epoch int not null,
    seq bigint not null,
    hash text not null,
    text text not null,
    sender text not null,
    type text not null,
    header text not null,
    salt text,
    content text,
    proof_hash text,
    at bigint not null,
    cut_at bigint not null,
    primary key (space_id, hash)
  )`,
  `create index side_entry_of on side_entry (space_id, seq)`,
  // The newest epoch that the host of a space has begun where our copy is frozen, or holds another branch.
  `create table offered_epoch (
    space_id text primary key references space (id) on delete cascade,
    epoch int not null,
    after_epoch int not null,
    after_seq bigint not null,
    after_hash text not null,
    jws text not null,
    at bigint not null
  )`,
  // What an operator has decided on the command line, until the running node has done it.
  `create table branch_wish (
    space_id text primary key references space (id) on delete cascade,
    act text not null check (act in ('choose', 'take')),
    epoch int,
    seq bigint,
    hash text not null,
    from_node text,
    asked_at bigint not null,
    done_at bigint,
    outcome text
  )`,
  // Goes up whenever entries are cut off, so that whoever has seen them notices.
  `alter table space add column cuts int not null default 0`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
