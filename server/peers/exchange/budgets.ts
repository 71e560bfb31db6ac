import type { PeerLimits } from '#schema/api/peer-limits.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { WireEndpoint } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import type { PeerRow } from '#server/db/peers.ts'
import { Buckets } from '#server/ports/buckets.ts'
import { type Gate, openGate } from '#server/ports/gate.ts'
import { Refusal } from '#server/refusal.ts'
import { perNode } from '../per-node.ts'
import { sendAway, type Source } from './sources.ts'

// What one peer may have of us (Q3 to Q6), so that the others have the rest. It is counted once we know who is
// speaking, in this process and in memory.

type Places = { readonly gate: Gate; users: number }

const memoryOf = perNode(() => ({
  requests: new Buckets<NodeId>(limits.sourcesRememberedMax),
  events: new Buckets<NodeId>(limits.sourcesRememberedMax),
  /** Only of peers that have a place or wait for one: so there are as many as there are connections. */
  places: new Map<NodeId, Places>(),
}))

/** What a peer may have: the protocol's numbers, or less when an administrator has said so. */
export function shareOf(peer: Pick<PeerRow, keyof PeerLimits>): PeerLimits {
  return {
    requestsPerSecond: peer.requestsPerSecond ?? limits.requestsPerSecondMax,
    requestsAtOnce: peer.requestsAtOnce ?? limits.requestsAtOnceMax,
    eventsPerSecond: peer.eventsPerSecond ?? limits.eventsPerSecondMax,
  }
}

/**
 * Counts a request of a peer, and waits for a place to serve it in. Resolves with what gives the place back. What
 * takes access away, or confirms that, is never turned down: it neither counts nor waits (Q5).
 */
export async function takePlace(
  context: Context,
  { peer, source }: { readonly peer: PeerRow; readonly source: Source },
  contract: WireEndpoint,
): Promise<() => void> {
  if (contract.evenWhenPaused) return () => undefined
  const { requests, places } = memoryOf(context)
  const { requestsPerSecond, requestsAtOnce } = shareOf(peer)
  const burst = (limits.requestsBurstMax / limits.requestsPerSecondMax) * requestsPerSecond
  const rate = { perSecond: requestsPerSecond, burst }
  const waitMs = requests.take(peer.node, rate, { now: context.clock.mono() })
  if (waitMs > 0) {
    const retryAfter = Math.ceil(waitMs / 1000)
    sendAway(context, source, retryAfter)
    throw new Refusal('rate', { detail: 'requests', retryAfter })
  }
  const known = places.get(peer.node)
  const ofPeer = known ?? { gate: gateOf(requestsAtOnce), users: 0 }
  const entered = Promise.withResolvers<() => void>()
  const passed = ofPeer.gate.run(async () => await new Promise<void>((leave) => entered.resolve(leave)))
  if (!passed) throw new Refusal('rate', { detail: 'requests-at-once', retryAfter: 1 })
  places.set(peer.node, ofPeer)
  ofPeer.users++
  void passed.then(() => {
    if (--ofPeer.users === 0) places.delete(peer.node)
  })
  return await entered.promise
}

function gateOf(atOnceMax: number): Gate {
  return openGate({ atOnceMax, queuedMax: limits.requestsQueuedMax })
}

/** Counts the events of a submission, or refuses it whole before anything of it is read. */
export function takeEvents(context: Context, peer: PeerRow, count: number): void {
  const { eventsPerSecond: perSecond } = shareOf(peer)
  // Never less than one submission of full length, or it could never be sent.
  const rate = { perSecond, burst: Math.max(perSecond, limits.submitEventsMax) }
  const waitMs = memoryOf(context).events.take(peer.node, rate, { count, now: context.clock.mono() })
  if (waitMs > 0) throw new Refusal('rate', { detail: 'events', retryAfter: Math.ceil(waitMs / 1000) })
}
