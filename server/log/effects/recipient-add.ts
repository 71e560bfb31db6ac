import { resumeCursors } from '#server/db/cursors.ts'
import { openRecipient } from '#server/db/recipients.ts'
import type { Effect } from './effect.ts'

export const recipientAdd: Effect<'recipient.add'> = async (tx, { space, seq, content, entry, hosted }) => {
  const anchor = entry.body.anchor?.find((position) => position.space === content.group)
  await openRecipient(tx, {
    spaceId: space,
    groupId: content.group,
    addSeq: seq,
    history: content.history,
    anchorSeq: anchor?.seq ?? 0,
  })
  if (hosted) await resumeCursors(tx, space)
}
