import { type Insertable, sql } from 'kysely'
import type { Hash, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { type FenceRow, findFence, type Lost, storeFenceSignature } from './fences.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'
import type { SpaceRow } from './spaces.ts'
import type { Tables } from './tables.ts'

// What one node tells another after a restore, and what comes of it in the rows.

type Page = { readonly after: SpaceId | undefined; readonly limit: number }

/** Our copies of the logs of a host, each with the newest checkpoint of that host. */
export async function listCopiesOf(
  db: Db,
  host: NodeId,
  { after, limit }: Page,
): Promise<{ space: SpaceId; checkpoint: string }[]> {
  return await db
    .selectFrom('space')
    .innerJoin('checkpoint', 'checkpoint.spaceId', 'space.id')
    .select(['space.id as space', 'checkpoint.jws as checkpoint'])
    .where('host', '=', host)
    .where('purging', '=', false)
    .$if(after !== undefined, (query) => query.where('space.id', '>', after!))
    .orderBy('space.id')
    .limit(limit)
    .execute()
}

/** The newest checkpoint of a host over our copy of a log of its own; undefined when there is no such copy. */
export async function findCopyWord(db: Db, host: NodeId, space: SpaceId): Promise<string | undefined> {
  const row = await db
    .selectFrom('space')
    .innerJoin('checkpoint', 'checkpoint.spaceId', 'space.id')
    .select('checkpoint.jws')
    .where('space.id', '=', space)
    .where('host', '=', host)
    .where('purging', '=', false)
    .executeTakeFirst()
  return row?.jws
}

/** The spaces that we host and that users of a node reach, in the order of their ids. */
export async function listReachedOf(
  db: Db,
  { host, node }: { readonly host: NodeId; readonly node: NodeId },
  { after, limit }: Page,
): Promise<SpaceRow[]> {
  const { rows } = await sql<SpaceRow>`
    select s.* from space s
    where s.host = ${host} and not s.withheld and s.id > ${after ?? ''} and exists (
      select 1 from (${routes}) route where route.space_id = s.id and route.node = ${node}
    )
    order by s.id limit ${limit}
  `.execute(db)
  return rows
}

/** Fences that a host has given us after a number, as they were signed. */
export async function listFencesFrom(
  db: Db,
  key: { readonly host: NodeId; readonly node: NodeId },
  page: { readonly after: number; readonly limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('fence')
    .select('jws')
    .where('host', '=', key.host)
    .where('node', '=', key.node)
    .where('variant', '=', 0)
    .where('n', '>', page.after)
    .where('jws', 'is not', null)
    .orderBy('n')
    .limit(page.limit)
    .execute()
  return rows.map((row) => row.jws!)
}

type Issued = Omit<Insertable<Tables['fence']>, 'receipt' | 'ackedAt'> & {
  readonly jws: string
  readonly hash: Hash
}

/**
 * Takes back a fence that we have issued, by our own signature. Its receipt is asked for by sending it again. False:
 * another one has this number here.
 */
export async function restoreFence(tx: Tx, fence: Issued): Promise<boolean> {
  const held = await findFence(tx, fence.host, fence.node, fence.n)
  if (held && held.hash !== null) return held.hash === fence.hash
  if (held) {
    const isSame =
      held.spaceId === fence.spaceId && held.subject === fence.subject && held.fromSeq === fence.fromSeq
    if (isSame) await storeFenceSignature(tx, held, fence.jws, fence.hash)
    return isSame
  }
  await tx
    .insertInto('fence')
    .values({ ...fence, receipt: null, ackedAt: null })
    .execute()
  return true
}

/**
 * The counter goes on behind the highest number that is known. One that nobody has any more is issued as a repeat of
 * the one behind it: with a number missing no lease would ever count again (A4).
 */
export async function closeGaps(tx: Tx, host: NodeId, node: NodeId): Promise<void> {
  await sql`
    insert into fence (host, node, n, space_id, subject, from_seq, epoch, action, at)
    select ${host}, ${node}, gap.n, f.space_id, f.subject, f.from_seq, f.epoch, 'deny', f.at
    from generate_series(1, (select max(n) from fence where host = ${host} and node = ${node})) as gap (n)
    cross join lateral (
      select * from fence where host = ${host} and node = ${node} and n > gap.n order by n limit 1
    ) f
    where not exists (select 1 from fence where host = ${host} and node = ${node} and n = gap.n)
  `.execute(tx)
  await sql`
    insert into fence_counter (node, n)
    select ${node}, max(n) from fence where host = ${host} and node = ${node} having max(n) is not null
    on conflict (node) do update set n = greatest(fence_counter.n, excluded.n)
  `.execute(tx)
}

/** Ours go on behind a number that somebody else has used in our name. */
export async function raiseFenceCounter(tx: Tx, node: NodeId, n: number): Promise<void> {
  await tx
    .insertInto('fenceCounter')
    .values({ node, n })
    .onConflict((conflict) =>
      conflict
        .column('node')
        .doUpdateSet((eb) => ({ n: eb.fn<number>('greatest', ['fenceCounter.n', 'excluded.n']) })),
    )
    .execute()
}

/** Members whom a fence of ours has ended and the log that we have has not (A2). */
export async function listFencedMembers(db: Db, host: NodeId, space: SpaceId): Promise<UserId[]> {
  const { rows } = await sql<{ userId: UserId }>`
    select m.user_id from member m join space s on s.id = m.space_id
    where m.space_id = ${space} and m.until_seq is null and exists (
      select 1 from fence f
      where f.host = ${host} and f.node = m.node and f.space_id = m.space_id and f.subject in (m.user_id, '*')
        and f.variant = 0 and (f.epoch, f.from_seq) > (s.epoch, s.head_seq)
    )
    order by m.user_id
  `.execute(db)
  return rows.map((row) => row.userId)
}

/** The fence that has ended a membership already, when an entry that is taken back ends it. */
export async function findFenceOf(
  db: Db,
  host: NodeId,
  ended: Pick<FenceRow, 'node' | 'spaceId' | 'subject' | 'fromSeq'>,
): Promise<FenceRow | undefined> {
  const { node, spaceId, subject, fromSeq } = ended
  return await db
    .selectFrom('fence')
    .selectAll()
    .where('host', '=', host)
    .where('node', '=', node)
    .where('spaceId', '=', spaceId)
    .where('subject', 'in', [subject, '*'])
    .where('fromSeq', '=', fromSeq)
    .where('variant', '=', 0)
    .orderBy('n')
    .executeTakeFirst()
}

/** What a fence has ordered to be deleted is known again. */
export async function restoreList(tx: Tx, { host, node, n }: FenceRow, lost: readonly Lost[]): Promise<void> {
  await tx
    .insertInto('fenceSpace')
    .values(lost.map((space) => ({ host, node, n, ...space })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/**
 * Versions of what we state go on behind whatever came after the backup: they go up by one with a change, so that the
 * clock in seconds is ahead of any that can have been used.
 */
export async function skipVersions(tx: Tx, node: NodeId, now: number): Promise<void> {
  const version = Math.floor(now / 1000)
  await sql`update peer set statement_version = greatest(statement_version + 1, ${version}) where node = ${node}`.execute(
    tx,
  )
  await sql`
    update "user" set identity_version = greatest(identity_version + 1, ${version}) where node = ${node}
  `.execute(tx)
}
