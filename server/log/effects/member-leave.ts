import type { Effect } from './effect.ts'
import { endMembership } from './end-membership.ts'

export const memberLeave: Effect<'member.leave'> = async (tx, happening) =>
  await endMembership(tx, happening, happening.content.user)
