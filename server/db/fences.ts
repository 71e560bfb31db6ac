import { type Insertable, type Selectable, sql } from 'kysely'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type FenceRow = Selectable<Tables['fence']>
export type NewFence = Insertable<Tables['fence']>
/** What a node reaches no longer, and the seq from which on a later membership is another matter. */
export type Lost = { readonly spaceId: SpaceId; readonly fromSeq: number }
export type FenceDraft = Pick<FenceRow, 'node' | 'spaceId' | 'subject' | 'fromSeq' | 'epoch' | 'at'> & {
  readonly lost: readonly Lost[]
}

/**
 * Numbers fences and stores them, in the order of their nodes: counters are locked row by row, and every
 * batch takes them in that order (A25). They are signed after the commit, before they are first sent.
 */
export async function issueFences(tx: Tx, host: NodeId, drafts: readonly FenceDraft[]): Promise<void> {
  for (const { lost, ...draft } of merge(drafts).toSorted((a, b) => (a.node < b.node ? -1 : 1))) {
    const { n } = await tx
      .insertInto('fenceCounter')
      .values({ node: draft.node, n: 1 })
      .onConflict((conflict) =>
        conflict.column('node').doUpdateSet((eb) => ({ n: eb('fenceCounter.n', '+', 1) })),
      )
      .returning('n')
      .executeTakeFirstOrThrow()
    const action = lost.length > 0 ? 'purge' : 'deny'
    await tx
      .insertInto('fence')
      .values({ ...draft, host, n, action, jws: null, hash: null, receipt: null, ackedAt: null })
      .execute()
    if (lost.length === 0) continue
    const { node } = draft
    await tx
      .insertInto('fenceSpace')
      .values(lost.map((space) => ({ host, node, n, ...space })))
      .execute()
  }
}

/** Whoever was removed from a space before the last of their company goes with that one: one order for all of them. */
function merge(drafts: readonly FenceDraft[]): FenceDraft[] {
  const merged: FenceDraft[] = []
  for (const draft of drafts) {
    if (!draft.lost.some(({ spaceId }) => spaceId === draft.spaceId)) {
      merged.push(draft)
      continue
    }
    const { node, spaceId } = draft
    const before = merged.filter((other) => other.node === node && other.spaceId === spaceId)
    for (const other of before) merged.splice(merged.indexOf(other), 1)
    const lost = [...before.flatMap((other) => other.lost), ...draft.lost]
    merged.push(before.length === 0 ? draft : { ...draft, subject: '*', lost })
  }
  return merged
}

/** The fences of a host without a receipt, by node and number. */
export async function listUnconfirmed(db: Db, host: NodeId): Promise<{ node: NodeId; n: number }[]> {
  return await db
    .selectFrom('fence')
    .select(['node', 'n'])
    .where('host', '=', host)
    .where('ackedAt', 'is', null)
    // Who has closed for good confirms nothing.
    .where('node', 'not in', (eb) =>
      eb.selectFrom('peer').select('peer.node').where('retiredAt', 'is not', null),
    )
    .execute()
}

/** Our fences that a node has not confirmed yet, oldest first. */
export async function listOpenFences(db: Db, host: NodeId, node: NodeId, limit: number): Promise<FenceRow[]> {
  return await db
    .selectFrom('fence')
    .selectAll()
    .where('host', '=', host)
    .where('node', '=', node)
    .where('ackedAt', 'is', null)
    .orderBy('n')
    .limit(limit)
    .execute()
}

export async function findFence(
  db: Db,
  host: NodeId,
  node: NodeId,
  n: number,
): Promise<FenceRow | undefined> {
  return await db
    .selectFrom('fence')
    .selectAll()
    .where('host', '=', host)
    .where('node', '=', node)
    .where('n', '=', n)
    .where('variant', '=', 0)
    .executeTakeFirst()
}

export async function storeFenceSignature(tx: Tx, fence: FenceRow, jws: string, hash: Hash): Promise<void> {
  await tx
    .updateTable('fence')
    .set({ jws, hash })
    .where('host', '=', fence.host)
    .where('node', '=', fence.node)
    .where('n', '=', fence.n)
    .where('variant', '=', 0)
    .where('jws', 'is', null)
    .execute()
}

export async function storeFenceReceipt(
  tx: Tx,
  fence: Pick<FenceRow, 'host' | 'node' | 'n'>,
  receipt: string,
  at: number,
): Promise<void> {
  await tx
    .updateTable('fence')
    .set({ receipt, ackedAt: at })
    .where('host', '=', fence.host)
    .where('node', '=', fence.node)
    .where('n', '=', fence.n)
    .where('variant', '=', 0)
    .execute()
}

/** What became of a received fence: stored, known already, or stored beside another with its number. */
export type Stored = 'new' | 'known' | 'conflict'

/**
 * Stores a received fence. Another order under a known number is stored as well, because it may be the one that
 * counts (A2): closing too much is healed by the log.
 */
export async function insertFence(tx: Tx, fence: NewFence): Promise<Stored> {
  for (;;) {
    const known = await tx
      .selectFrom('fence')
      .select(['hash', 'variant'])
      .where('host', '=', fence.host)
      .where('node', '=', fence.node)
      .where('n', '=', fence.n)
      .orderBy('variant')
      .execute()
    const same = known.find(({ hash }) => hash === fence.hash)
    if (same) return same.variant === 0 ? 'known' : 'conflict'
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('fence')
      .values({ ...fence, variant: known.length })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    // Somebody else stored one with this number meanwhile: look again.
    if (numInsertedOrUpdatedRows !== 0n) return known.length === 0 ? 'new' : 'conflict'
  }
}

/** Members of the node in the space whom no fence that the log has not reached ends. */
export async function countRemaining(db: Db, space: SpaceId, node: NodeId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from member m join space s on s.id = m.space_id
    where m.space_id = ${space} and m.node = ${node} and m.until_seq is null and not exists (
      select 1 from fence f where f.node = ${node} and f.space_id = m.space_id
        and f.subject in (m.user_id, '*')
          and (f.epoch, f.from_seq) > (s.epoch, s.head_seq)
    )
  `.execute(db)
  return rows[0]?.count ?? 0
}

/** The highest number up to which no fence of a host is missing here: what to ask for begins after it. */
export async function findLastFence(db: Db, host: NodeId, node: NodeId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select coalesce(min(f.n), 0) as n from (
      select 0::bigint as n union all select n from fence where host = ${host} and node = ${node}
    ) f
    where not exists (select 1 from fence g where g.host = ${host} and g.node = ${node} and g.n = f.n + 1)
  `.execute(db)
  return rows[0]?.n ?? 0
}

/** Fences that we issued to a node, after a number, already signed. */
export async function listFencesTo(
  db: Db,
  host: NodeId,
  node: NodeId,
  page: { readonly after: number; readonly limit: number },
): Promise<FenceRow[]> {
  return await db
    .selectFrom('fence')
    .selectAll()
    .where('host', '=', host)
    .where('node', '=', node)
    .where('n', '>', page.after)
    .orderBy('n')
    .limit(page.limit)
    .execute()
}

/** The spaces that a block has closed up to a place which their logs have not reached, now that nobody is blocked. */
export async function listClosedByBlock(db: Db, host: NodeId, limit: number): Promise<SpaceId[]> {
  const { rows } = await sql<{ id: SpaceId }>`
    select distinct s.id from fence f
    join space s on s.id = f.space_id and s.host = f.host and (f.epoch, f.from_seq) > (s.epoch, s.head_seq)
    join peer p on p.node = f.node and not p.blocked
    where f.host = ${host} and f.subject = '*' and f.action = 'deny' and f.variant = 0
    order by s.id limit ${limit}
  `.execute(db)
  return rows.map((row) => row.id)
}
