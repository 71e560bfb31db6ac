import { readableDomain } from '#federation/domain.ts'
import type { NodeId } from '#schema/ids.ts'
import { skeletonOf } from '#server/ports/skeleton.ts'

// Names that can be taken for one another (UTS #39). Nothing is decided by looks: lists match ids byte for byte, and
// administrators are warned.

/** Those of the names that look like a node id, or like the end of one below `*.`, and are another. */
export function findLookalikes(pattern: string, nodes: readonly NodeId[]): NodeId[] {
  const end = pattern.startsWith('*.') ? pattern.slice(1) : undefined
  const looks = skeletonOf(readableDomain(end ?? pattern))
  return nodes.filter((node) => {
    if (end === undefined) return node !== pattern && skeletonOf(readableDomain(node)) === looks
    return !node.endsWith(end) && skeletonOf(readableDomain(node)).endsWith(looks)
  })
}
