import { findPastKey, type LogKey, type OperationLog } from '#federation/operation-log.ts'
import { accept, type Outcome, refuse } from '#federation/outcome.ts'
import type { Hash, NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { findPeer } from '#server/db/peers.ts'
import { Bounded, perNode } from '../per-node.ts'
import { peerKey } from './discover.ts'
import { pinnedLog } from './pin.ts'
import { ownDocuments } from './self.ts'

// Keys of what was signed earlier, and what the key histories of their nodes say of them.

/** Keys that were missed: since when, and in which history it was certain that they are missing. */
type Missed = { readonly since: number; readonly certainIn?: Hash }
const missedOf = perNode(() => new Bounded<string, Missed>(10_000))

/** The key history of a node as we know it: our own, or the pinned one. */
export async function logOf(context: Context, node: NodeId): Promise<OperationLog | undefined> {
  if (node === context.node) return (await ownDocuments(context)).log
  const peer = await findPeer(context.db, node)
  return peer && (await pinnedLog(context, peer))
}

/** A key that a node has or had, with what became of it. Does not look anywhere. */
export async function knownKey(context: Context, node: NodeId, kid: string): Promise<Outcome<LogKey>> {
  const log = await logOf(context, node)
  return log ? findPastKey(log, kid) : refuse('key-unknown')
}

/**
 * A key by which something was signed that others wait for. `unknown`: it is in no history of the node. That is only
 * said when its documents were fetched some time after the key was first missed, since a node has several processes that
 * learn of a new key one by one; until then, and for as long as they cannot be fetched, it is refused and the caller
 * comes again (R13).
 */
export async function awaitedKey(
  context: Context,
  node: NodeId,
  kid: string,
): Promise<Outcome<LogKey | 'unknown'>> {
  const known = await knownKey(context, node, kid)
  if (known.ok) return known
  // Somebody signs in our name. That waits for the recovery, which says from when on they may have.
  if (node === context.node) {
    const { log } = await ownDocuments(context)
    return log.recoveries.length > 0 ? accept('unknown') : refuse('key-unknown', 'own-key')
  }
  const missed = missedOf(context)
  const now = context.clock.now()
  const { since, certainIn } = missed.get(`${node} ${kid}`) ?? { since: now }
  if (certainIn !== undefined && certainIn === (await logOf(context, node))?.opHash) return accept('unknown')
  const key = await peerKey(context, node, kid, 'ever')
  if (key.ok) return await knownKey(context, node, kid)
  const isCertain = key.detail === 'not-in-log' && now - since > limits.ownKeysSweepMs
  const log = isCertain ? await logOf(context, node) : undefined
  missed.set(`${node} ${kid}`, log ? { since, certainIn: log.opHash } : { since })
  return log ? accept('unknown') : refuse('key-unknown')
}
