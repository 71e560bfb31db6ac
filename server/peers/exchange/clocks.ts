import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { Bounded, perNode } from '../per-node.ts'

// How far the clocks of others are from ours (S6): told to operators, and never a reason to set ours by theirs. Only
// what a node itself has shown counts: in a signature that holds, or in an answer that came over TLS.

const memoryOf = perNode(() => ({
  deltas: new Bounded<NodeId, number>(limits.sourcesRememberedMax),
  toldAt: new Bounded<NodeId, number>(limits.sourcesRememberedMax),
}))

/** `deltaMs`: theirs minus ours. Beyond ten seconds the log says so, once an hour. */
export function noteClock(context: Context, node: NodeId, deltaMs: number): void {
  const { deltas, toldAt } = memoryOf(context)
  deltas.set(node, deltaMs)
  if (Math.abs(deltaMs) <= limits.clockWarnSeconds * 1000) return
  const now = context.clock.mono()
  if (now - (toldAt.get(node) ?? Number.NEGATIVE_INFINITY) < limits.clockWarnEveryMs) return
  toldAt.set(node, now)
  const direction = deltaMs > 0 ? 'ahead' : 'behind'
  context.logger.warn(
    { peer: node, clockDeltaMs: deltaMs, direction },
    'The clock of a peer is not as ours. Beyond 30 seconds ahead or 90 behind it is refused.',
  )
}

/** As this process has heard it last; null when it has heard nothing. */
export function clockDeltaOf(context: Context, node: NodeId): number | null {
  return memoryOf(context).deltas.get(node) ?? null
}
