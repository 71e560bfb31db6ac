import { type Kysely, sql } from 'kysely'

// For those who ask why something has not arrived: how long a peer asked to be left alone, under which id it has its
// own row of a refusal, and the exchanges of one space.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table exchange add column pause_ms bigint, add column instance uuid`.execute(db)
  await sql`create index exchange_instance on exchange (instance) where instance is not null`.execute(db)
  await sql`create index exchange_space on exchange (space_id, at desc) where space_id is not null`.execute(
    db,
  )
}
