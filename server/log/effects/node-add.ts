import type { Effect } from './effect.ts'

export const nodeAdd: Effect<'node.add'> = async (tx, { space, seq, content }) => {
  await tx
    .insertInto('spaceNode')
    .values({ spaceId: space, node: content.node, addSeq: seq, removeSeq: null })
    .execute()
}
