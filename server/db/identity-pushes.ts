import { type RawBuilder, sql } from 'kysely'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'

// Which node is to be told of whom (I9), and what it has been told. Nothing waits in a queue: what is owed is what the
// rows of today say, compared with what was last taken.

/** Somebody of whom a node is to be told. */
export type Owed = { readonly userId: UserId; readonly node: NodeId }

/**
 * Pairs (a.user_id, b.node) of somebody and a node that reach a space together, if it is ours to tell: the space is
 * hosted here, or it is hosted there and they are one of ours.
 */
function pairs(ours: NodeId): RawBuilder<unknown> {
  return sql`
    (${routes}) a
    join space s on s.id = a.space_id
    join (${routes}) b on b.space_id = a.space_id
      and b.node <> ${ours} and b.node <> a.node and (s.host = ${ours} or (s.host = b.node and a.node = ${ours}))
    join "user" u on u.id = a.user_id
    left join identity i on i.user_id = a.user_id
  `
}

const mayBeTold = (ours: NodeId): RawBuilder<boolean> =>
  sql<boolean>`(u.node = ${ours} or i.user_id is not null)`

/** Pairs of which nothing was ever told; in these spaces, or in all. */
export async function listUntold(
  db: Db,
  ours: NodeId,
  which: { readonly spaces?: readonly SpaceId[]; readonly limit: number },
): Promise<Owed[]> {
  const among = which.spaces === undefined ? sql`true` : sql`s.id = any(${[...which.spaces]})`
  const { rows } = await sql<Owed>`
    select distinct a.user_id, b.node from ${pairs(ours)}
    left join identity_push p on p.user_id = a.user_id and p.node = b.node
    where p.user_id is null and ${mayBeTold(ours)} and ${among}
    order by b.node, a.user_id limit ${which.limit}
  `.execute(db)
  return rows
}

/** Pairs of which something older was told, or something that is half through its life. */
export async function listOutdated(
  db: Db,
  ours: NodeId,
  when: { readonly now: number; readonly renewBefore: number; readonly limit: number },
): Promise<Owed[]> {
  const { rows } = await sql<Owed>`
    select p.user_id, p.node from identity_push p
    join "user" u on u.id = p.user_id
    left join identity i on i.user_id = p.user_id
    where p.retry_at <= ${when.now} and case
      when u.node = ${ours} then p.version < u.identity_version
        or (u.status = 'active' and p.expires_at < ${when.renewBefore})
      else p.version < i.version or p.expires_at < i.expires_at
    end
    order by p.node, p.user_id limit ${when.limit}
  `.execute(db)
  return rows
}

/** Of these users, whom the node may be told of today; that somebody is vouched for no more is told to all who knew. */
export async function listTellable(
  db: Db,
  ours: NodeId,
  node: NodeId,
  users: readonly UserId[],
): Promise<UserId[]> {
  const list = [...users]
  const { rows } = await sql<{ userId: UserId }>`
    select a.user_id from ${pairs(ours)}
    where a.user_id = any(${list}) and b.node = ${node} and ${mayBeTold(ours)}
    union
    select p.user_id from identity_push p join "user" u on u.id = p.user_id and u.status <> 'active'
    where p.user_id = any(${list}) and p.node = ${node}
  `.execute(db)
  return rows.map((row) => row.userId)
}

/** What a node did not take, and is to be told again now. */
export async function listPostponed(db: Db, now: number, limit: number): Promise<Owed[]> {
  return await db
    .selectFrom('identityPush')
    .select(['userId', 'node'])
    .where('retryAt', '>', 0)
    .where('retryAt', '<=', now)
    .orderBy('retryAt')
    .limit(limit)
    .execute()
}

/** It was taken. */
export async function putPush(
  tx: Tx,
  push: Owed & { readonly version: number; readonly expiresAt: number },
): Promise<void> {
  const taken = { version: push.version, expiresAt: push.expiresAt, failures: 0, retryAt: 0 }
  await tx
    .insertInto('identityPush')
    .values({ ...push, ...taken })
    .onConflict((conflict) => conflict.columns(['userId', 'node']).doUpdateSet(taken))
    .execute()
}

/** Tries again, after growing pauses; what the node has been told stays as it is. */
export async function postponePush(
  tx: Tx,
  { userId, node }: Owed,
  when: { readonly now: number; readonly afterMs: number },
): Promise<void> {
  const { now, afterMs } = when
  await sql`
    insert into identity_push as p (user_id, node, version, expires_at, failures, retry_at)
    values (${userId}, ${node}, 0, 0, 1, ${now + Math.max(afterMs, pauseMinMs)})
    on conflict (user_id, node) do update set
      failures = p.failures + 1,
      retry_at = ${now}::bigint + greatest(${afterMs}, least(${pauseMinMs} * 2 ^ least(p.failures, 12), ${pauseMaxMs}))::bigint
  `.execute(tx)
}

const pauseMinMs = 5_000
const pauseMaxMs = 60 * 60 * 1000

/** All that was told of our own users is to be told again. */
export async function forgetPushesOf(tx: Tx, ours: NodeId): Promise<void> {
  await tx
    .deleteFrom('identityPush')
    .where(sql<boolean>`split_part(user_id, '@', 2) = ${ours}`)
    .execute()
}

/** The node and they have no space in common any more. */
export async function forgetPushes(tx: Tx, node: NodeId, users: readonly UserId[]): Promise<void> {
  if (users.length === 0) return
  await tx.deleteFrom('identityPush').where('node', '=', node).where('userId', 'in', users).execute()
}
