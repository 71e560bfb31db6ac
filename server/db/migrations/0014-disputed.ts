import { type Kysely, sql } from 'kysely'

// What may have been said with a stolen key, and companies that have closed for good.

const statements = [
  `alter table entry add column disputed boolean not null default false`,
  // For the administrators' list: there is hardly ever one.
  `create index entry_disputed on entry (at desc, event_id desc) where disputed`,
  `alter table peer
    -- Its key history says that it closes for good.
    add column retired_at bigint,
    -- An administrator has opened the copies of what it hosted, for reading.
    add column archived_at bigint`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
