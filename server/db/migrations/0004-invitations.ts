import { type Kysely, sql } from 'kysely'

// Invitations that wait for administrators, that others ask us for, that go by mail; contacts; companies named as
// welcome or not; spaces held because a company arrived.

const statements = [
  `alter table invite
    -- Null for a person without a company, as long as nobody has answered.
    alter column node drop not null,
    -- How invitee is to be read.
    add column invitee_kind text not null default 'handle' check (invitee_kind in ('handle', 'user', 'email')),
    -- When a narrow history window begins, for people.
    add column history_at bigint,
    -- Why it waits for an administrator, or was refused.
    add column rule text,
    add column decided_by text,
    -- Another node's ask: node and id. The same ask is one invitation.
    add column ask text unique,
    drop constraint invite_status_check,
    add constraint invite_status_check check (status in
      ('approval', 'open', 'accepted', 'joined', 'declined', 'revoked', 'expired', 'refused'))`,
  `create index invite_of_space on invite (space_id, created_at) where status in ('approval', 'open', 'accepted')`,
  `create index invite_of_host on invite (host, created_at) where status in ('approval', 'open')`,
  `create index invite_of_inviter on invite (inviter, created_at)`,
  // What our people ask the hosts of other spaces for.
  `create table invite_ask (
    id uuid primary key,
    space_id text not null,
    host text not null,
    inviter text not null,
    invitee text not null,
    invitee_kind text not null check (invitee_kind in ('handle', 'user', 'email')),
    node text,
    role text not null,
    -- What was asked for, as JSON, and what the host has granted.
    wish text,
    history text,
    status text not null check (status in ('asking', 'approval', 'open', 'refused')),
    code text,
    -- The host's name for it, once it has answered.
    jti text,
    expires_at bigint not null,
    created_at bigint not null
  )`,
  `create index invite_ask_of_space on invite_ask (space_id, created_at)`,
  // Who became a contact by an accepted invitation, or was pinned. Whom one shares a space with is asked of members.
  `create table contact (
    owner text not null,
    contact text not null,
    is_pinned boolean not null,
    since bigint not null,
    primary key (owner, contact)
  )`,
  `create table invitation_setting (
    user_id text primary key,
    from_whom text not null check (from_whom in ('everybody', 'contacts')),
    confirm_direct boolean not null
  )`,
  `create table peer_rule (
    pattern text primary key,
    list text not null check (list in ('allow', 'block')),
    since bigint not null,
    by_user text not null
  )`,
  // A company that has arrived in a space that another node hosts, and that somebody here has to agree to.
  `create table hold (
    space_id text not null,
    node text not null,
    seq bigint not null,
    rule text not null,
    since bigint not null,
    decided_by text,
    decided_at bigint,
    primary key (space_id, node, seq)
  )`,
  `create index hold_open on hold (space_id) where decided_at is null`,
  // What a peer has declared to do when companies arrive in our spaces.
  `alter table peer add column transitive text`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
