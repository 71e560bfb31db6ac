import { type Kysely, sql } from 'kysely'

// What an act was about, where one word is not enough.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table audit add column detail text`.execute(db)
}
