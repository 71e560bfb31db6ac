import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { findContinuation } from '#server/db/cursors.ts'
import { isPurgeAwaited } from '#server/db/purges.ts'
import { damaged, findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { findNodeWindow } from '#server/db/windows.ts'

export type Served = {
  readonly row: SpaceRow
  /** The first entry that its users see, and with which a copy begins. */
  readonly window: number
  /** The first entry that the node may have: where its copy ends, it goes on (H1). */
  readonly from: number
}

/**
 * A space that we host, as far as we serve it to a node: a user of the node reaches it, and nothing that the node has
 * to delete first is unconfirmed (P8); nor when what we hold was damaged (O13). Otherwise it is as if the space did not exist.
 */
export async function findServed(
  context: Context,
  node: NodeId,
  space: SpaceId,
): Promise<Served | undefined> {
  const row = await findSpace(context.db, space)
  if (row?.host !== context.node || row.frozen === damaged) return undefined
  const window = await findNodeWindow(context.db, space, node)
  if (window === undefined) return undefined
  const awaited = await isPurgeAwaited(context.db, { host: context.node, node, space }, context.clock.now())
  if (awaited) return undefined
  const held = await findContinuation(context.db, { host: context.node, space, node })
  return { row, window, from: Math.min(window, (held ?? window) + 1) }
}
