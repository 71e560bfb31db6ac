import { type Kysely, sql } from 'kysely'

// The first schema. Times of the protocol are bigint milliseconds, exactly as they were signed; hashes and
// ids are text, so that an operator can read and paste them. Signed and hashed texts are text, never jsonb.

const statements = [
  // People. A user of another node is a row here and has no account, so there is nothing to sign in to.
  `create table "user" (
    id text primary key,
    node text not null,
    name text not null,
    kind text not null default 'member',
    status text not null default 'active',
    identity_version bigint not null
  )`,
  `create table account (
    user_id text primary key references "user" (id),
    handle text not null unique,
    password text not null,
    role text not null check (role in ('owner', 'admin', 'member')),
    created_at bigint not null
  )`,
  `create table session (
    token_hash text primary key,
    user_id text not null references account (user_id),
    created_at bigint not null,
    expires_at bigint not null
  )`,
  `create table enrolment (
    token_hash text primary key,
    role text not null check (role in ('owner', 'member')),
    created_by text references account (user_id),
    created_at bigint not null,
    expires_at bigint not null,
    used_by text
  )`,
  `create table identity (
    user_id text primary key references "user" (id),
    version bigint not null,
    expires_at bigint not null,
    jws text not null
  )`,

  // What is to become a space: stored under its idempotency key before it is appended, so that the same request
  // twice begins one space, although a space has no id before its genesis.
  `create table beginning (
    sender text not null,
    idempotency_key text not null,
    request_hash text not null,
    header text not null,
    salt text not null,
    content text not null,
    created_at bigint not null,
    primary key (sender, idempotency_key)
  )`,

  // Spaces and their logs. The head row is locked by every batch that appends; state has a row of its own,
  // so that chat in a group does not hold up its threads.
  `create table space (
    id text primary key,
    kind text not null check (kind in ('group', 'thread', 'dm')),
    host text not null,
    epoch int not null,
    starter text not null,
    title text,
    head_seq bigint not null,
    head_hash text not null,
    head_at bigint not null,
    created_at bigint not null,
    frozen text
  )`,
  `create index space_head_at on space (head_at desc)`,
  `create table space_state (
    space_id text primary key references space (id),
    state_seq bigint not null,
    state_hash text not null,
    digest text not null
  )`,
  `create table entry (
    space_id text not null,
    epoch int not null,
    seq bigint not null,
    hash text not null,
    text text not null,
    event_id uuid not null,
    origin text not null,
    sender text not null,
    type text not null,
    header text not null,
    at bigint not null,
    standing text not null check (standing in ('verified', 'unverified', 'unreadable')),
    proof_hash text,
    state_digest text,
    idempotency_key text,
    request_hash text,
    -- seq is dense over the life of a space; the epoch says who ordered it.
    primary key (space_id, seq),
    unique (space_id, origin, event_id)
  ) partition by hash (space_id)`,
  `create table content (
    space_id text not null,
    seq bigint not null,
    salt text not null,
    text text not null,
    primary key (space_id, seq)
  ) partition by hash (space_id)`,
  ...Array.from({ length: 8 }, (_, i) => [
    `create table entry_${i} partition of entry for values with (modulus 8, remainder ${i})`,
    `create table content_${i} partition of content for values with (modulus 8, remainder ${i})`,
  ]).flat(),
  `create unique index entry_idempotency on entry (space_id, sender, idempotency_key)
    where idempotency_key is not null`,
  // The state digest at a position is that of the last state entry before it, however long ago that was.
  `create index entry_state on entry (space_id, seq) where state_digest is not null`,
  `create table proof (
    space_id text not null,
    hash text not null,
    jws text not null,
    primary key (space_id, hash)
  )`,
  `create table checkpoint (
    space_id text primary key references space (id),
    epoch int not null,
    seq bigint not null,
    hash text not null,
    jws text not null
  )`,

  // What follows from state entries. A membership is a row per role it had, from the seq where that role
  // began up to, and without, the seq where it ended; join_seq stays the same over all of them.
  `create table member (
    space_id text not null references space (id),
    user_id text not null,
    node text not null,
    join_seq bigint not null,
    from_seq bigint not null,
    until_seq bigint,
    role text not null,
    history text not null,
    primary key (space_id, user_id, from_seq)
  )`,
  `create unique index member_open on member (space_id, user_id) where until_seq is null`,
  `create index member_of_user on member (user_id) where until_seq is null`,
  `create table recipient (
    space_id text not null references space (id),
    group_id text not null,
    add_seq bigint not null,
    remove_seq bigint,
    history text not null,
    anchor_seq bigint not null,
    primary key (space_id, group_id, add_seq)
  )`,
  `create unique index recipient_open on recipient (space_id, group_id) where remove_seq is null`,
  `create index recipient_of_group on recipient (group_id) where remove_seq is null`,
  `create table space_node (
    space_id text not null references space (id),
    node text not null,
    add_seq bigint not null,
    remove_seq bigint,
    primary key (space_id, node, add_seq)
  )`,
  `create table invited (
    space_id text not null references space (id),
    jti text not null,
    node text not null,
    role text not null,
    history text not null,
    add_seq bigint not null,
    end_seq bigint,
    primary key (space_id, jti)
  )`,
  `create table setting (
    space_id text not null references space (id),
    key text not null,
    value text not null,
    seq bigint not null,
    primary key (space_id, key)
  )`,
  `create table read_state (
    user_id text not null,
    space_id text not null,
    seq bigint not null,
    primary key (user_id, space_id)
  )`,

  // Other nodes.
  `create table peer (
    node text primary key,
    approved boolean not null default false,
    approved_by_them boolean not null default false,
    asked_at bigint,
    conflict boolean not null default false,
    blocked boolean not null default false,
    base_url text not null,
    statement text not null,
    statement_version bigint not null,
    statement_expires_at bigint not null,
    genesis_hash text not null,
    op_seq bigint not null,
    op_hash text not null,
    pinned_at bigint not null,
    last_success_at bigint,
    last_failure_at bigint,
    last_failure text
  )`,
  `create table node_op (
    node text not null,
    seq bigint not null,
    hash text not null,
    jws text not null,
    primary key (node, seq)
  )`,
  `create table nonce (
    kid text not null,
    nonce text not null,
    at bigint not null,
    primary key (kid, nonce)
  )`,
  `create index nonce_at on nonce (at)`,

  // Delivery. A cursor is how far a follower has come; there is no row per event and peer.
  `create table cursor (
    space_id text not null references space (id),
    node text not null,
    acked_seq bigint not null default 0,
    acked_hash text,
    failures int not null default 0,
    next_attempt_at bigint not null default 0,
    stopped text,
    primary key (space_id, node)
  )`,
  `create table receipt (
    space_id text not null references space (id),
    node text not null,
    epoch int not null,
    seq bigint not null,
    hash text not null,
    jws text not null,
    at bigint not null,
    primary key (space_id, node)
  )`,
  `create table control_message (
    id uuid primary key,
    node text not null,
    kind text not null,
    subject text not null,
    body text not null,
    created_at bigint not null,
    failures int not null default 0,
    next_attempt_at bigint not null default 0,
    done_at bigint,
    outcome text
  )`,
  `create index control_message_open on control_message (node, created_at) where done_at is null`,
  `create table pending (
    event_id uuid primary key,
    -- The author's order: what somebody writes after an answer has a higher one. Nothing follows it as a cursor.
    place bigint generated always as identity,
    space_id text not null,
    host text not null,
    sender text not null,
    idempotency_key text not null,
    request_hash text not null,
    header text not null,
    salt text not null,
    content text not null,
    expires_at bigint not null,
    created_at bigint not null,
    state text not null default 'queued' check (state in ('queued', 'sent', 'accepted', 'refused', 'expired')),
    code text,
    unique (space_id, sender, idempotency_key)
  )`,
  `create index pending_of_space on pending (host, space_id, place)`,

  // Invitations, ours to others and others' to ours.
  `create table invite (
    jti text primary key,
    space_id text not null,
    host text not null,
    node text not null,
    inviter text not null,
    invitee text not null,
    user_id text,
    role text not null,
    history text not null,
    kind text not null,
    title text,
    genesis_hash text not null,
    roster text not null,
    jws text not null,
    status text not null check (status in ('open', 'accepted', 'joined', 'declined', 'revoked', 'expired')),
    expires_at bigint not null,
    created_at bigint not null
  )`,
  `create index invite_of_user on invite (user_id) where status = 'open'`,

  // Fences: numbered per (host, node), without gaps. Ours have host = us, received ones node = us.
  `create table fence_counter (node text primary key, n bigint not null)`,
  `create table fence (
    host text not null,
    node text not null,
    n bigint not null,
    space_id text not null,
    subject text not null,
    from_seq bigint not null,
    epoch int not null,
    action text not null,
    at bigint not null,
    jws text,
    hash text,
    receipt text,
    acked_at bigint,
    primary key (host, node, n)
  )`,
  `create index fence_of_space on fence (space_id, subject)`,

  // For operators. Never contents.
  `create table exchange (
    id uuid primary key,
    at bigint not null,
    direction text not null check (direction in ('in', 'out')),
    peer text,
    method text not null,
    route text not null,
    lane text not null,
    space_id text,
    status int,
    verdict text not null,
    code text,
    reason text,
    detail text,
    duration_ms double precision not null,
    bytes_in int not null,
    bytes_out int not null,
    kid text,
    clock_delta_ms bigint,
    attempt int not null default 1
  )`,
  `create index exchange_at on exchange (at desc, id desc)`,
  `create index exchange_peer on exchange (peer, at desc)`,
  `create table security_event (
    id uuid primary key,
    at bigint not null,
    kind text not null,
    peer text,
    space_id text,
    detail text not null
  )`,
  `create table audit (
    id uuid primary key,
    at bigint not null,
    actor text,
    act text not null,
    subject text not null
  )`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
