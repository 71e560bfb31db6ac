import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { perNode } from '../per-node.ts'

// Which copies of ours are known to be behind, by host. May be lost: heads are compared again.

const wantedOf = perNode(() => new Map<NodeId, Set<SpaceId>>())

/** A host has more of a space than we do: it is pulled, at our own pace. */
export function wantSpace(context: Context, host: NodeId, space: SpaceId): void {
  const wanted = wantedOf(context)
  wanted.set(host, (wanted.get(host) ?? new Set()).add(space))
  context.wake.signal('catch-up')
}

export function listWantedHosts(context: Context): NodeId[] {
  return [...wantedOf(context).keys()]
}

/** What is wanted of a host; from here on it is for the caller to get it. */
export function takeWanted(context: Context, host: NodeId): SpaceId[] {
  const wanted = wantedOf(context).get(host) ?? new Set()
  wantedOf(context).delete(host)
  return [...wanted]
}
