import { nodeOf, type NodeId } from '#schema/ids.ts'
import type { FenceDraft } from '#server/db/fences.ts'
import { isReachedBy } from '#server/db/lost.ts'
import { closeRecipient, listOnlyThrough } from '#server/db/recipients.ts'
import type { Effect } from './effect.ts'

/**
 * Withdraws a group. Users of other nodes who reached the thread only through it are fenced one by one; a company
 * that reaches it no longer at all is fenced as a whole, and has to delete its copy.
 */
export const recipientRemove: Effect<'recipient.remove'> = async (tx, happening) => {
  const { space, seq, content, entry, node, hosted } = happening
  const ended = hosted ? await listOnlyThrough(tx, space, content.group, node) : []
  await closeRecipient(tx, space, content.group, seq)
  const { epoch, at } = entry.body
  const order = { spaceId: space, fromSeq: seq, epoch, at }
  const drafts: FenceDraft[] = []
  for (const home of new Set(ended.map((user) => nodeOf(user.userId)))) {
    drafts.push(...(await ordersTo(home)))
  }
  return drafts

  async function ordersTo(home: NodeId): Promise<FenceDraft[]> {
    if (!(await isReachedBy(tx, space, home))) {
      return [{ ...order, node: home, subject: '*', lost: [{ spaceId: space, fromSeq: seq }] }]
    }
    return ended
      .filter((user) => user.node === home)
      .map(({ userId }) => ({ ...order, node: home, subject: userId, lost: [] }))
  }
}
