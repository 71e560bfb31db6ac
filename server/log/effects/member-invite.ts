import { openInvited } from '#server/db/invited.ts'
import type { Effect } from './effect.ts'

export const memberInvite: Effect<'member.invite'> = async (tx, { space, seq, content }) => {
  await openInvited(tx, { ...content, spaceId: space, addSeq: seq })
}
