import { closeInvited } from '#server/db/invited.ts'
import type { Effect } from './effect.ts'

export const memberUninvite: Effect<'member.uninvite'> = async (tx, { space, seq, content }) => {
  await closeInvited(tx, space, content.jti, seq)
}
