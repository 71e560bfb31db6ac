import { type Kysely, sql } from 'kysely'

// What people tell of themselves, what they look like to somebody who reads in a hurry, and which node has been told
// what of them.

const statements = [
  `alter table "user"
    add column title text,
    add column time_zone text,
    add column status_text text,
    -- As their own node states it; of our users it is the node's setting.
    add column organisation text,
    -- Null until this version has seen the name.
    add column skeleton text`,
  `alter table account
    drop constraint account_role_check,
    add constraint account_role_check check (role in ('owner', 'admin', 'member', 'guest'))`,
  `create index user_skeleton on "user" (skeleton)`,
  `create index user_guest on "user" (id) where kind = 'guest'`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
