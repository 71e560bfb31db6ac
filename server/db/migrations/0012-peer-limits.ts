import { type Kysely, sql } from 'kysely'

// What a company may have of us where that is less than what everybody may.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table peer
      add column requests_per_second int check (requests_per_second > 0),
      add column requests_at_once int check (requests_at_once > 0),
      add column events_per_second int check (events_per_second > 0)
  `.execute(db)
}
