import { type Kysely, sql } from 'kysely'

// A copy of a log may begin later than the log: at a base that the host signed and that we recomputed. What is
// shown from where on is read from the windows themselves, so there is nothing to store for it.

const statements = [
  // Entries are held from behind the base on. It goes down when earlier ones are fetched; the seq of the snapshot,
  // from which on we know who was what, stays.
  `alter table space
    add column base_seq bigint not null default 0,
    add column base_hash text,
    add column snapshot_seq bigint not null default 0,
    add column threads_listed_at bigint`,
  `create index space_with_base on space (id) where base_seq > 0`,
  // Entries that were applied on the host's word, because our copy of a group was behind: looked at again when it
  // has come so far.
  `create table attested (
    space_id text not null references space (id),
    seq bigint not null,
    group_id text not null,
    group_seq bigint not null,
    group_hash text not null,
    primary key (space_id, seq, group_id)
  )`,
  `create index attested_by_group on attested (group_id, group_seq)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
