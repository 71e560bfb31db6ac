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
    add column skeleton text,
    -- Changes of the profile since the beginning of an hour that the first of them began.
    add column changes_since bigint not null default 0,
    add column changes int not null default 0`,
  `alter table identity
    add column changes_since bigint not null default 0,
    add column changes int not null default 0`,
  `create index user_skeleton on "user" (skeleton)`,
  `create index user_unseen on "user" (id) where skeleton is null`,
  `create index user_guest on "user" (id) where kind = 'guest'`,
  `create index user_unvouched on "user" (id) where status <> 'active'`,
  `alter table session add column device text`,
  `create index session_of_user on session (user_id)`,
  // What our documents state beside what stands in the rows of our users. It follows policy and settings, and every
  // version goes up with it: two documents of one version must not differ.
  `create table vouching (
    id int primary key default 1 check (id = 1),
    fields text not null,
    organisation text
  )`,
  // The version and the end of life of the document that a node has been told, and when to tell it again.
  `create table identity_push (
    user_id text not null references "user" (id),
    node text not null,
    version bigint not null,
    expires_at bigint not null,
    failures int not null default 0,
    retry_at bigint not null default 0,
    primary key (user_id, node)
  )`,
  `create index identity_push_again on identity_push (retry_at) where retry_at > 0`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
