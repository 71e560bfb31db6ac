import { type Kysely, sql } from 'kysely'

// The end of access between companies: purges and their receipts, leases, legal holds, and partners at rest.

const statements = [
  // Another order under a known number is carried out too (A2), so it needs a row: the first has the variant 0.
  `alter table fence
    add column variant int not null default 0,
    -- Of a purge. The follower has the whole list of spaces; its signed word that it is done; the host has that word.
    add column listed boolean not null default false,
    add column purge_receipt text,
    add column purged_at bigint,
    add column purge_acked_at bigint,
    add column held boolean not null default false,
    -- When the operator was told that a confirmation is overdue.
    add column alarmed_at bigint`,
  `alter table fence drop constraint fence_pkey`,
  `alter table fence add primary key (host, node, n, variant)`,
  `create unique index fence_hash on fence (host, node, hash) where hash is not null`,
  `create index fence_open on fence (host, node, n) where acked_at is null`,
  `create index fence_purging on fence (host, node, n) where action = 'purge' and purge_acked_at is null`,

  // What a fence with the action purge names. At the follower with how far the purge of each space has come.
  `create table fence_space (
    host text not null,
    node text not null,
    n bigint not null,
    space_id text not null,
    from_seq bigint not null,
    step text,
    outcome text check (outcome in ('purged', 'kept', 'held')),
    entries int not null default 0,
    contents int not null default 0,
    primary key (host, node, n, space_id)
  )`,
  `create index fence_space_of_space on fence_space (space_id, node)`,
  `alter table space add column purging boolean not null default false`,
  // What is left of a purged space: enough to answer for it, nothing of what it was about.
  `create table tombstone (
    space_id text primary key,
    host text not null,
    n bigint not null,
    head_seq bigint not null,
    head_hash text not null,
    purged_at bigint not null
  )`,
  `create index tombstone_of_host on tombstone (host)`,

  // Leases: those we gave have host = us, those we were given node = us. Times are milliseconds here.
  `create table lease (
    host text not null,
    node text not null,
    iat bigint not null,
    renew_at bigint not null,
    until_at bigint not null,
    outage_until bigint not null,
    fences_upto bigint not null,
    -- At the follower: the number up to which no fence is missing here.
    fences_have bigint not null,
    jws text not null,
    primary key (host, node)
  )`,

  // A membership that our own administrator has ended, until the host's log says so.
  `create table ending (
    space_id text not null,
    user_id text not null,
    at bigint not null,
    primary key (space_id, user_id)
  )`,

  `create table legal_hold (
    -- A space id, or 'everything'.
    scope text primary key,
    placed_at bigint not null,
    placed_by text not null
  )`,

  `alter table peer
    add column paused boolean not null default false,
    add column ended_at bigint,
    -- When anything last showed that its node is there, in either direction.
    add column heard_at bigint`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
