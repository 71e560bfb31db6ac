import type { NodeId } from '#schema/ids.ts'
import type { Lane } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import { perNode } from '../per-node.ts'
import { Breakers, type Turn } from './breaker.ts'
import { failed, type PeerAnswer, type PeerFailure } from './outgoing.ts'

// How peers answer, of all lanes together: who is dead costs one request a minute and less, and who asks to be left
// alone is. The log of the process tells when a peer is given up and when it is back.

const reachOf = perNode(({ random }) => ({
  breakers: new Breakers(random),
  listeners: new Set<(node: NodeId) => void>(),
}))

export type Way = {
  readonly node: NodeId
  readonly lane: Lane
  /** What ends access, or confirms that: nobody is asked whether it suits them. */
  readonly isOrder?: boolean
}

/** How long a lane has to leave a peer alone; 0 when it may try. */
export function restMs(context: Context, { node, lane, isOrder = false }: Way): number {
  return reachOf(context).breakers.restMs(node, lane, context.clock.now(), isOrder)
}

/** The same for a lane that looks for its turn with a peer that may be back. */
export function turnMs(context: Context, node: NodeId, turn: Turn): number {
  return reachOf(context).breakers.turnMs(node, turn, context.clock.now())
}

type Resting = { ok: false; failed: PeerFailure }

/** Why nothing is sent now. */
export function isResting(context: Context, way: Way): Resting | undefined {
  const rest = restMs(context, way)
  if (rest === 0) return undefined
  // What holds back an order as well is not their wish.
  const isDead = restMs(context, { ...way, isOrder: true }) > 0
  return failed(isDead ? 'breaker-open' : 'rate-limited', `for ${Math.ceil(rest / 1000)} s`)
}

/** A request begins, unless somebody else's was the one that asks. */
export function beginCall(context: Context, way: Way): Resting | undefined {
  const resting = isResting(context, way)
  if (!resting) reachOf(context).breakers.begin(way.node, context.clock.now())
  return resting
}

/** What a request came to. `status` undefined: there was no answer. */
export function endCall(
  context: Context,
  { node, lane }: Way,
  { status, answer }: { readonly status: number | undefined; readonly answer: PeerAnswer<unknown> },
): void {
  // That we stop says nothing about them.
  if (!answer.ok && 'failed' in answer && answer.failed.reason === 'draining') return
  const { breakers, listeners } = reachOf(context)
  const now = context.clock.now()
  const pause = pauseOf(answer, status)
  if (pause !== undefined) breakers.ask(node, lane, now + pause, now)
  const turn = breakers.end(node, isFailure(answer, status) ? 'failed' : 'answered', now)
  if (turn === 'opened') {
    const why = !answer.ok && 'failed' in answer ? answer.failed : undefined
    context.logger.warn({ peer: node, ...why }, 'A peer does not answer; it is asked now and then.')
  }
  if (turn !== 'closed') return
  context.logger.info({ peer: node }, 'A peer answers again.')
  for (const listen of listeners) listen(node)
  context.wake.signal(`peer:${node}`)
}

/** Network, garbage and server errors count; client errors do not (G4). */
function isFailure(answer: PeerAnswer<unknown>, status: number | undefined): boolean {
  if (answer.ok) return false
  if (status !== undefined && status >= 400 && status < 500) return false
  return 'failed' in answer || (status !== undefined && status >= 500)
}

/** How long a lane is asked to be quiet: 429 and 503 speak of everything, unless `busy` says that it is one space (G6). */
function pauseOf(answer: PeerAnswer<unknown>, status: number | undefined): number | undefined {
  if (answer.ok || (status !== 429 && status !== 503)) return undefined
  if ('failed' in answer) return answer.failed.pauseMs
  return answer.refused.code === 'busy' ? undefined : answer.refused.pauseMs
}

/** A peer has said something, and proved that it is itself: what rests on its behalf is tried at once (FAN-12). */
export function hearPeer(context: Context, node: NodeId): void {
  if (reachOf(context).breakers.hear(node, context.clock.now())) context.wake.signal(`peer:${node}`)
}

/** Tells when a peer answers again that had been given up. */
export function onReturn(context: Context, listen: (node: NodeId) => void): void {
  reachOf(context).listeners.add(listen)
}

/** Forgets peers that nobody has tried for long. */
export function forgetReach(context: Context): void {
  reachOf(context).breakers.expire(context.clock.now())
}
