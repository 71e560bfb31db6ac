import { type Kysely, sql } from 'kysely'

// Since when a peer has answered nothing. Set by the federation log as it is written.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table peer add column failing_since bigint`.execute(db)
}
