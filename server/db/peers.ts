import { type Insertable, type Selectable, sql } from 'kysely'
import type { NodeId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// Other nodes, as far as we have pinned them. Our own node has a row too, which holds the statement that we serve;
// nobody is ever a peer of their own.

export type PeerRow = Selectable<Tables['peer']>

/** What discovery establishes. */
export type PinnedDocuments = Pick<
  PeerRow,
  'baseUrl' | 'statement' | 'statementVersion' | 'statementExpiresAt' | 'genesisHash' | 'opSeq' | 'opHash'
>

export async function findPeer(db: Db, node: NodeId): Promise<PeerRow | undefined> {
  return await db.selectFrom('peer').selectAll().where('node', '=', node).executeTakeFirst()
}

export async function getPeer(db: Db, node: NodeId): Promise<PeerRow> {
  return await db.selectFrom('peer').selectAll().where('node', '=', node).executeTakeFirstOrThrow()
}

/** Holds a peer, so that two who want to change what is pinned of it queue up. */
export async function holdPeer(tx: Tx, node: NodeId): Promise<PeerRow | undefined> {
  return await tx.selectFrom('peer').selectAll().where('node', '=', node).forUpdate().executeTakeFirst()
}

export async function listPeers(
  db: Db,
  self: NodeId,
  page: { readonly after?: NodeId | undefined; readonly limit: number },
): Promise<PeerRow[]> {
  return await db
    .selectFrom('peer')
    .selectAll()
    .where('node', '<>', self)
    .$if(page.after !== undefined, (query) => query.where('node', '>', page.after!))
    .orderBy('node')
    .limit(page.limit)
    .execute()
}

/** The companies that our administrators have approved. */
export async function listApproved(db: Db, self: NodeId): Promise<NodeId[]> {
  const rows = await db
    .selectFrom('peer')
    .select('node')
    .where('node', '<>', self)
    .where('approved', '=', true)
    .orderBy('node')
    .execute()
  return rows.map((row) => row.node)
}

/** False when the node is pinned already. */
export async function insertPeer(tx: Tx, peer: Insertable<Tables['peer']>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('peer')
    .values(peer)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows !== 0n
}

export async function updatePinned(tx: Tx, node: NodeId, documents: Partial<PinnedDocuments>): Promise<void> {
  await tx.updateTable('peer').set(documents).where('node', '=', node).execute()
}

export type Standing = Partial<
  Pick<
    PeerRow,
    | 'approved'
    | 'approvedByThem'
    | 'askedAt'
    | 'conflict'
    | 'transitive'
    | 'paused'
    | 'blocked'
    | 'endedAt'
    | 'retiredAt'
    | 'archivedAt'
  >
>

export async function setStanding(tx: Tx, node: NodeId, standing: Standing): Promise<void> {
  await tx.updateTable('peer').set(standing).where('node', '=', node).execute()
}

type Limits = Pick<PeerRow, 'requestsPerSecond' | 'requestsAtOnce' | 'eventsPerSecond'>

/** Null where nothing else is set than for everybody. */
export async function setPeerLimits(tx: Tx, node: NodeId, limits: Limits): Promise<void> {
  await tx.updateTable('peer').set(limits).where('node', '=', node).execute()
}

/** Both administrators have said yes, and nothing stands against it since. */
export function isPartner(peer: PeerRow): boolean {
  return peer.approved && peer.approvedByThem && !peer.blocked && !peer.paused && !peer.conflict
}

/**
 * Does the node take part in a space with us: as its host, with a member, or by being named in its log? What an
 * ended participation still has to say (receipts, a last pull) ends with the space.
 */
export async function isParticipant(db: Db, node: NodeId): Promise<boolean> {
  const { rows } = await sql<{ takesPart: boolean }>`
    select exists (select 1 from member where node = ${node} and until_seq is null)
      or exists (select 1 from space where host = ${node})
      or exists (select 1 from space_node where node = ${node})
      or exists (select 1 from tombstone where host = ${node}) as takes_part
  `.execute(db)
  return rows[0]?.takesPart ?? false
}

/** The companies with which the partnership has ended, or that have closed for good. */
export async function listEndedPeers(
  db: Db,
  self: NodeId,
): Promise<Pick<PeerRow, 'node' | 'endedAt' | 'retiredAt'>[]> {
  return await db
    .selectFrom('peer')
    .select(['node', 'endedAt', 'retiredAt'])
    .where('node', '<>', self)
    .where((eb) => eb.or([eb('endedAt', 'is not', null), eb('retiredAt', 'is not', null)]))
    .orderBy('node')
    .execute()
}
