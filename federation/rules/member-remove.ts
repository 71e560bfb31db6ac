import { isAtLeast } from '../reach.ts'
import { isLastAdmin } from './last-admin.ts'
import type { Rule } from './rule.ts'

// SPEC E28. The host itself may always end a membership: a revoked identity or an ended partnership is no matter of
// rights in one space. Only the last admin of a group stays, so that the group can still change.
export const memberRemove: Rule<'member.remove'> = {
  byHost: true,
  may({ state, content, standing }) {
    if (standing && state.kind === 'dm') return 'wrong-kind'
    if (standing && !isAtLeast(standing.role, 'admin')) return 'no-right'
    if (!state.members.has(content.user)) return 'unknown-target'
    return isLastAdmin(state, content.user) ? 'last-admin' : undefined
  },
  fold(state, { content }) {
    state.members.delete(content.user)
  },
}
