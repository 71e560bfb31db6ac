import type { NodeKey } from '#federation/keys.ts'
import { findPastKey, findSigningKey, type OperationLog } from '#federation/operation-log.ts'
import { accept, type Outcome, refuse } from '#federation/outcome.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Reason } from '#schema/reason.ts'
import type { Context } from '#server/context.ts'
import { findPeer, type PeerRow } from '#server/db/peers.ts'
import { fetchDocuments, refuseName } from './documents.ts'
import { type PeerAnswer, type PeerFailure } from '../exchange/outgoing.ts'
import { Bounded, perNode } from '../per-node.ts'
import { findPinned, markConflict, pin, pinnedLog } from './pin.ts'
import { ownDocuments } from './self.ts'

// Finding other nodes and their keys. Strangers can make us look, by naming nodes: so looks at one node are shared,
// counted, and spaced out, and what failed is not tried again for a while.

export type Discovery =
  | { readonly ok: true; readonly peer: PeerRow }
  | { readonly ok: false; readonly reason: Reason; readonly detail: string; readonly code: string }

type Failure = { readonly until: number; readonly count: number; readonly failed: PeerFailure }

const memoryOf = perNode(() => ({
  running: new Map<NodeId, Promise<Discovery>>(),
  failures: new Bounded<NodeId, Failure>(10_000),
  looks: new Bounded<NodeId, readonly number[]>(10_000),
  keyLooks: new Bounded<NodeId, number>(10_000),
}))

const hourMs = 60 * 60 * 1000
const looksAtOnceMax = 16

/**
 * Looks at a node's documents now, and pins them. `isAsked`: an administrator asked for it, so an earlier failure
 * does not stand in the way.
 */
export async function discover(context: Context, node: NodeId, isAsked = false): Promise<Discovery> {
  const refused = refuseName(context, node)
  if (refused) return discoveryOf(refused.failed)
  const memory = memoryOf(context)
  const running = memory.running.get(node)
  if (running) return await running
  const now = context.clock.now()
  const failure = memory.failures.get(node)
  if (failure && failure.until > now && !isAsked) return discoveryOf(failure.failed)
  const looks = (memory.looks.get(node) ?? []).filter((at) => at > now - hourMs)
  const isTooOften = looks.length >= limits.keyFetchesPerHourMax
  if (isTooOften || (memory.running.size >= looksAtOnceMax && !isAsked)) {
    return { ok: false, reason: 'rate-limited', detail: 'discovery', code: 'rate' }
  }
  memory.looks.set(node, [...looks, now])
  const look = lookAt(context, node).finally(() => memory.running.delete(node))
  memory.running.set(node, look)
  return await look
}

/** A node's row: discovered when we do not have it, looked at again when its documents are a day old. */
export async function ensurePeer(context: Context, node: NodeId): Promise<Discovery> {
  const peer = node === context.node ? undefined : await findPeer(context.db, node)
  return peer ? await refresh(context, peer) : await discover(context, node)
}

async function refresh(context: Context, peer: PeerRow): Promise<Discovery> {
  // Who has closed has nothing more to say.
  const isSettled = peer.conflict || peer.retiredAt !== null
  if (isSettled || peer.statementExpiresAt > context.clock.now()) return { ok: true, peer }
  const renewed = await discover(context, peer.node)
  // What is pinned holds on: an outage of theirs ends nothing.
  return renewed.ok || renewed.code === 'key-conflict' ? renewed : { ok: true, peer }
}

/** An administrator has decided about what stood in the way. */
export function forgetFailure(context: Context, node: NodeId): void {
  memoryOf(context).failures.delete(node)
}

type When = 'now' | 'ever'

/**
 * The key of a node by its id. `now`: one that may sign now. `ever`: also one that was taken away by a rotation,
 * for what was signed while it was active (A4). A key that we do not know lets us look once, and not again for a while.
 */
export async function peerKey(
  context: Context,
  node: NodeId,
  kid: string,
  when: When = 'now',
): Promise<Outcome<NodeKey>> {
  if (node === context.node) return findKey(context, (await ownDocuments(context)).log, kid, when)
  const found = await ensurePeer(context, node)
  return found.ok ? await keyOfPeer(context, found.peer, kid, when) : refuse(keyCodeOf(found), 'discovery')
}

/** The same for a caller that has the peer's row. */
export async function keyOfPeer(
  context: Context,
  peer: PeerRow,
  kid: string,
  when: When = 'now',
): Promise<Outcome<NodeKey>> {
  const current = await refresh(context, peer)
  if (!current.ok) return refuse(keyCodeOf(current))
  const key = findKey(context, await pinnedLog(context, current.peer), kid, when)
  if (key.ok || key.code !== 'key-unknown') return key
  const again = await lookForKeys(context, peer.node)
  if (!again?.ok) return again && keyCodeOf(again) === 'key-conflict' ? refuse('key-conflict') : key
  const found = findKey(context, await pinnedLog(context, again.peer), kid, when)
  const isMissing = !found.ok && found.code === 'key-unknown' && found.detail === undefined
  return isMissing ? refuse('key-unknown', 'not-in-log') : found
}

function keyCodeOf({ code }: { readonly code: string }): 'key-conflict' | 'key-unknown' {
  return code === 'key-conflict' ? 'key-conflict' : 'key-unknown'
}

function findKey(context: Context, log: OperationLog, kid: string, when: When): Outcome<NodeKey> {
  if (when === 'now') return findSigningKey(log, kid, Math.floor(context.clock.now() / 1000))
  const found = findPastKey(log, kid)
  return found.ok ? accept(found.value.key) : found
}

/** Undefined in the cooldown: else whoever makes up keys would make us fetch. */
export async function lookForKeys(context: Context, node: NodeId): Promise<Discovery | undefined> {
  const { keyLooks } = memoryOf(context)
  const now = context.clock.now()
  const last = keyLooks.get(node)
  if (last !== undefined && now - last < hourMs / limits.unknownKeyRefetchesPerHourMax) return undefined
  keyLooks.set(node, now)
  return await discover(context, node)
}

async function lookAt(context: Context, node: NodeId): Promise<Discovery> {
  const { failures } = memoryOf(context)
  const pinned = await findPinned(context, node)
  const documents = await fetchDocuments(context, node, pinned)
  if (documents.ok) {
    failures.delete(node)
    return { ok: true, peer: await pin(context, documents.value, pinned) }
  }
  const failed = failureOf(documents)
  if (failed.code === 'key-conflict') await markConflict(context, node, failed.detail)
  if (pinned && failed.code !== undefined) {
    context.logger.warn({ peer: node, ...failed }, 'A pinned peer shows documents that were not taken in.')
  }
  const count = (failures.get(node)?.count ?? 0) + 1
  const restMs = Math.min(limits.retryDelayMaxMs, limits.discoveryFailureMinMs * 2 ** Math.min(count - 1, 10))
  failures.set(node, { until: context.clock.now() + restMs, count, failed })
  return discoveryOf(failed)
}

function failureOf(answer: Exclude<PeerAnswer<unknown>, { ok: true }>): PeerFailure {
  // A document that is no problem document is never a refusal.
  return 'failed' in answer ? answer.failed : { reason: 'refused', detail: answer.refused.code }
}

function discoveryOf({ reason, detail, code }: PeerFailure): Discovery {
  return { ok: false, reason, detail, code: code ?? 'not-a-workspace' }
}
