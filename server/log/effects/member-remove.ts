import type { Effect } from './effect.ts'
import { endMembership } from './end-membership.ts'

export const memberRemove: Effect<'member.remove'> = async (tx, happening) =>
  await endMembership(tx, happening, happening.content.user)
