import { readDocument } from '#federation/document.ts'
import { readOperationLog, type OperationLog } from '#federation/operation-log.ts'
import { statementKind } from '#federation/statement.ts'
import { hashOfJws } from '#federation/strict-jws.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listOperationTexts, replaceOperations } from '#server/db/node-ops.ts'
import type { Tx } from '#server/db/open.ts'
import {
  findPeer,
  getPeer,
  holdPeer,
  insertPeer,
  type PeerRow,
  type PinnedDocuments,
  setStanding,
  updatePinned,
} from '#server/db/peers.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
import { newUuid } from '#server/ports/random.ts'
import type { Documents, Pinned } from './documents.ts'
import { Bounded, perNode } from '../per-node.ts'
import { takeRecovery } from './recovered.ts'
import { takeRetirement } from './retired.ts'
import { goneSince } from './spoken.ts'

// What is pinned of other nodes: written at first contact, and from then on only what continues it.

const logsOf = perNode(() => new Bounded<NodeId, OperationLog>(1_000))

/** The pinned key history of a peer, verified again when it is read; kept while its head is the one in the row. */
export async function pinnedLog(context: Context, peer: PeerRow): Promise<OperationLog> {
  const kept = logsOf(context).get(peer.node)
  if (kept?.opHash === peer.opHash) return kept
  const page = { after: 0, limit: limits.operationsPerLogMax }
  const log = readOperationLog(await listOperationTexts(context.db, peer.node, page), peer.node)
  if (!log.ok) throw new Error(`The pinned key history of ${peer.node} is not valid: ${log.detail}.`)
  logsOf(context).set(peer.node, log.value)
  return log.value
}

export async function findPinned(context: Context, node: NodeId): Promise<Pinned | undefined> {
  const peer = await findPeer(context.db, node)
  if (!peer) return undefined
  const statement = readDocument(peer.statement, statementKind)
  if (!statement.ok) throw new Error(`The pinned statement of ${node} is not valid.`)
  return {
    log: await pinnedLog(context, peer),
    version: peer.statementVersion,
    statement: hashOfJws(statement.value.jws),
  }
}

/** Stores documents that were judged against `pinned`. Somebody who pinned others meanwhile wins; they are judged next time. */
export async function pin(
  context: Context,
  documents: Documents,
  pinned: Pinned | undefined,
): Promise<PeerRow> {
  const { discovered, operations, continuity, log } = documents
  const isRecovered = continuity === 'recovered'
  const { node } = discovered
  const state = stateOf(context, documents)
  let gone: readonly string[] = []
  await context.db.transaction().execute(async (tx) => {
    if (!pinned) {
      const never = {
        lastSuccessAt: null,
        lastFailureAt: null,
        lastFailure: null,
        failingSince: null,
        askedAt: null,
      }
      const isFirst = await insertPeer(tx, { node, ...state, ...never, pinnedAt: context.clock.now() })
      if (isFirst) await replaceOperations(tx, node, operations ?? [])
      if (isFirst && log.retired) await takeRetirement(context, tx, node)
      return
    }
    const held = await holdPeer(tx, node)
    if (held?.opHash !== pinned.log.opHash) return
    // Whoever had the key may have counted as high as there are numbers.
    if (held.statementVersion > state.statementVersion && !isRecovered) return
    await updatePinned(tx, node, state)
    gone = goneSince(held.statement, state.statement)
    if (gone.length > 0) await recordGone(context, tx, node, gone)
    if (operations) await replaceOperations(tx, node, operations)
    if (isRecovered) await takeRecovery(context, tx, log)
    if (log.retired && held.retiredAt === null) await takeRetirement(context, tx, node)
  })
  if (isRecovered) {
    context.logger.error({ peer: node }, 'A peer has replaced its keys: somebody else may have had them.')
    context.live.recheck({})
  }
  if (log.retired) context.live.recheck({})
  if (gone.length > 0) {
    context.logger.warn({ peer: node, gone }, 'A peer no longer has a feature or version that it had.')
  }
  return await getPeer(context.db, node)
}

/** Puts documents in the place of what was pinned, whatever that was. Undefined: it is not what `pinned` says any more. */
export async function pinAnew(
  context: Context,
  tx: Tx,
  documents: Documents,
  pinned: OperationLog,
): Promise<PeerRow | undefined> {
  const { node } = documents.discovered
  const held = await holdPeer(tx, node)
  if (held?.opHash !== pinned.opHash) return undefined
  await updatePinned(tx, node, stateOf(context, documents))
  await replaceOperations(tx, node, documents.operations ?? [])
  return held
}

/** A node that has become less was put back to an older version, or is not what it was. */
async function recordGone(context: Context, tx: Tx, node: NodeId, gone: readonly string[]): Promise<void> {
  await insertSecurityEvent(tx, {
    id: newUuid(context.clock, context.random),
    at: context.clock.now(),
    kind: 'feature-gone',
    peer: node,
    spaceId: null,
    detail: gone
      .join(' ')
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, limits.problemDetailCharactersMax),
  })
}

/** Keys that do not continue those we pinned: nothing is exchanged until an administrator decides (§3.3). */
export async function markConflict(context: Context, node: NodeId, detail: string): Promise<void> {
  context.logger.error({ peer: node, detail }, 'A peer shows keys that do not continue the pinned ones.')
  await context.db.transaction().execute(async (tx) => {
    const peer = await holdPeer(tx, node)
    if (!peer || peer.conflict) return
    await setStanding(tx, node, { conflict: true })
    await insertSecurityEvent(tx, {
      id: newUuid(context.clock, context.random),
      at: context.clock.now(),
      kind: 'key-conflict',
      peer: node,
      spaceId: null,
      detail,
    })
  })
}

function stateOf(context: Context, { discovered, log }: Documents): PinnedDocuments {
  const { exp, ver } = discovered.statement.payload
  // Until then it is used without asking again: never longer than a day, whatever it says itself (§2).
  const freshUntil = context.clock.now() + limits.statementLifeRecommendedSeconds * 1000
  return {
    baseUrl: discovered.baseUrl.text,
    statement: discovered.text,
    statementVersion: ver,
    statementExpiresAt: Math.min(exp * 1000, freshUntil),
    genesisHash: log.genesisHash,
    opSeq: log.opSeq,
    opHash: log.opHash,
  }
}
