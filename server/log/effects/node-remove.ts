import { closeHoldsOf } from '#server/db/holds.ts'
import type { Effect } from './effect.ts'

export const nodeRemove: Effect<'node.remove'> = async (tx, { space, seq, content, entry }) => {
  await tx
    .updateTable('spaceNode')
    .set({ removeSeq: seq })
    .where('spaceId', '=', space)
    .where('node', '=', content.node)
    .where('removeSeq', 'is', null)
    .execute()
  await closeHoldsOf(tx, space, content.node, entry.body.at)
}
