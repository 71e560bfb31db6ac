import { type Kysely, sql } from 'kysely'

// People without a workspace of their own: invitations by e-mail, free accounts that sign in by a code or a passkey,
// and the mails that all of it needs. A guest has an address and no handle and no password; a member may have all.

const statements = [
  `alter table account
    alter column handle drop not null,
    alter column password drop not null,
    drop constraint account_role_check,
    add column email text unique,
    add column last_used_at bigint not null default 0,
    add column storage_bytes bigint not null default 0,
    add constraint account_role_check check (role in ('owner', 'admin', 'member', 'guest')),
    add constraint account_handle_check check (role = 'guest' or handle is not null)`,
  `update account set last_used_at = created_at`,
  `create index account_of_guests on account (user_id) where role = 'guest'`,
  `alter table enrolment add column email text`,

  // What is to be mailed. Texts hold links and codes, so they are erased as soon as a mail has gone or is too old.
  `create table mail (
    id uuid primary key,
    kind text not null check (kind in ('invitation', 'code', 'enrolment')),
    address text not null,
    subject text not null,
    text text not null,
    html text not null,
    created_at bigint not null,
    expires_at bigint not null,
    failures int not null default 0,
    next_attempt_at bigint not null default 0,
    done_at bigint,
    outcome text
  )`,
  `create index mail_due on mail (next_attempt_at) where done_at is null`,

  // Six digits that prove an address. They are hashed together with a secret that only the asking browser has, so
  // that neither this table nor a mailbox alone is enough.
  `create table code (
    challenge_hash text primary key,
    email text not null,
    code_hash text not null,
    attempts int not null default 0,
    -- Not for an address without an account, and not when too many were asked for: the answer is the same.
    is_mailed boolean not null,
    created_at bigint not null,
    expires_at bigint not null
  )`,
  `create index code_of_email on code (email, created_at)`,

  // The link to an invitation of somebody without a node. There is one at a time: a new mail ends the link before.
  `create table mail_link (
    jti text primary key references invite (jti) on delete cascade,
    token_hash text not null unique,
    expires_at bigint not null,
    -- The address was proved by a code, so whoever has the link has the mailbox too.
    confirmed_at bigint,
    -- Somebody of another workspace whose address nothing proves: the inviter has to say that they are meant.
    claimed_by text
  )`,

  `create table passkey (
    id text primary key,
    user_id text not null references account (user_id),
    public_key text not null,
    counter bigint not null,
    transports text not null,
    name text not null,
    created_at bigint not null,
    last_used_at bigint
  )`,
  `create index passkey_of_user on passkey (user_id)`,
  `create table passkey_challenge (hash text primary key, user_id text, expires_at bigint not null)`,

  // A guest whose company has a node: the one-time token by which that node takes the account over, and what both
  // nodes have signed.
  `create table guest_move (token_hash text primary key, user_id text not null, expires_at bigint not null)`,
  `create table guest_link (
    guest text primary key,
    user_id text not null,
    claim text not null,
    link text not null,
    at bigint not null,
    -- Until every space that the guest was in knows their successor.
    done_at bigint
  )`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
