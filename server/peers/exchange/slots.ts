import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Lane } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import { type Gate, openGate } from '#server/ports/gate.ts'
import { Bounded, perNode } from '../per-node.ts'

// So many requests to one peer are under way at once on each lane. Together they are as many as a peer has connections,
// so that a lane whose answers do not come never keeps another from sending, and a slow peer holds little of our memory.

const gatesOf = perNode(() => new Bounded<string, Gate>(limits.breakersMax))

/** Runs a request when it is its turn. Undefined when too many wait for this peer already. */
export function inTurn<T>(
  context: Context,
  { node, lane }: { readonly node: NodeId; readonly lane: Lane },
  send: () => Promise<T>,
): Promise<T> | undefined {
  const gates = gatesOf(context)
  const name = `${lane} ${node}`
  const gate =
    gates.get(name) ?? openGate({ atOnceMax: limits.callsAtOnceMax[lane], queuedMax: limits.callsQueuedMax })
  gates.set(name, gate)
  return gate.run(send)
}
