import { nodeOf, type NodeSender, type NodeId, type SpaceId, type UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { listHolding } from '#server/db/holds.ts'

/**
 * Tells of whom nothing is shown in these spaces: of companies that nobody here has agreed to. In our own spaces nobody
 * arrives without us.
 */
export async function findHidden(
  context: Context,
  rows: readonly { readonly spaceId: SpaceId; readonly sender: UserId | NodeSender }[],
): Promise<(space: SpaceId, sender: UserId | NodeSender) => boolean> {
  const { db, log, node } = context
  const hidden = new Map<SpaceId, readonly NodeId[]>()
  for (const space of new Set(rows.map((row) => row.spaceId))) {
    if (log.states.get(space)?.host === node) continue
    hidden.set(space, await listHolding(db, space))
  }
  return (space, sender) =>
    !sender.startsWith('node@') && (hidden.get(space)?.includes(nodeOf(sender)) ?? false)
}
