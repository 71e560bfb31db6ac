import type { UserId } from '#schema/ids.ts'
import { nodeOf } from '#schema/ids.ts'
import { openMember } from '#server/db/members.ts'
import { openRecipient } from '#server/db/recipients.ts'
import { putSetting } from '#server/db/settings.ts'
import type { Effect } from './effect.ts'

export const spaceCreate: Effect<'space.create'> = async (tx, { space, seq, content, event, entry }) => {
  const starter = event.header.sender as UserId
  for (const user of content.recipients.users) {
    const role = user === starter ? 'admin' : 'member'
    await openMember(tx, {
      spaceId: space,
      userId: user,
      node: nodeOf(user),
      joinSeq: seq,
      role,
      history: 'all',
    })
  }
  for (const group of content.recipients.groups) {
    const anchor = entry.body.anchor?.find((position) => position.space === group)
    await openRecipient(tx, {
      spaceId: space,
      groupId: group,
      addSeq: seq,
      history: 'all',
      anchorSeq: anchor?.seq ?? 0,
    })
  }
  for (const [key, value] of Object.entries(content.settings)) {
    await putSetting(tx, { spaceId: space, key: key as never, value, seq })
  }
}
