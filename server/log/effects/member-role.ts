import { changeRole } from '#server/db/members.ts'
import type { Effect } from './effect.ts'

export const memberRole: Effect<'member.role'> = async (tx, { space, seq, content }) => {
  await changeRole(tx, { space, user: content.user }, content.role, seq)
}
