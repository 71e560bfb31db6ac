import { type Kysely, sql } from 'kysely'

// What participants of a log know about each other's copies, and what convicts a host that told them different things.

const statements = [
  // The newest receipt of another follower that the host has passed on, and when it came.
  `create table cosignature (
    space_id text not null references space (id) on delete cascade,
    node text not null,
    epoch int not null,
    seq bigint not null,
    hash text not null,
    jws text not null,
    at bigint not null,
    primary key (space_id, node)
  )`,
  // Two checkpoints that cannot both be true, and what shows it. It outlives the copy that it is about.
  `create table evidence (
    hash text primary key,
    space_id text not null,
    host text not null,
    seq bigint not null,
    a text not null,
    b text not null,
    entries text not null,
    at bigint not null,
    event_id uuid not null
  )`,
  `create index evidence_of_space on evidence (space_id)`,
  `create index evidence_of_event on evidence (event_id)`,
  // A checkpoint that a host gave for what it accepted from us, until our copy of its log is as long.
  `create table promise (
    space_id text not null references space (id) on delete cascade,
    seq bigint not null,
    hash text not null,
    jws text not null,
    at bigint not null,
    primary key (space_id, seq, hash)
  )`,
  `alter table pending add column promised_seq bigint`,
  // When another participant was last asked for its head of a log, and what ours was then.
  `create table probe (
    space_id text primary key references space (id) on delete cascade,
    seq bigint not null,
    node text not null,
    at bigint not null
  )`,
  `create index security_event_at on security_event (at desc, id desc)`,
  `create index security_event_of on security_event (space_id, kind, at)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
