import { closeRecipient, listOnlyThrough } from '#server/db/recipients.ts'
import type { Effect } from './effect.ts'

/** Withdraws a group. Users of other nodes who reached the thread only through it are fenced one by one. */
export const recipientRemove: Effect<'recipient.remove'> = async (tx, happening) => {
  const { space, seq, content, entry, node, hosted } = happening
  const ended = hosted ? await listOnlyThrough(tx, space, content.group, node) : []
  await closeRecipient(tx, space, content.group, seq)
  const { epoch, at } = entry.body
  return ended.map(({ userId, node: home }) => ({
    node: home,
    spaceId: space,
    subject: userId,
    fromSeq: seq,
    epoch,
    at,
  }))
}
