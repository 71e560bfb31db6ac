import { nodeOf } from '#schema/ids.ts'
import type { Rule } from './rule.ts'
import { isLastAdmin } from './last-admin.ts'

/** One's own leaving. With the reason `administrator` it is the user's own node that ends the membership (SPEC E27). */
export const memberLeave: Rule<'member.leave'> = {
  may({ state, event, content }) {
    const { sender } = event.header
    const own = sender === content.user
    const byAdministrator = content.reason === 'administrator' && nodeOf(sender) === nodeOf(content.user)
    // Before anything is said about the user: it would tell a stranger who is in here.
    if (!own && !byAdministrator) return 'no-right'
    if (!state.members.has(content.user)) return 'not-a-member'
    return isLastAdmin(state, content.user) ? 'last-admin' : undefined
  },
  fold(state, { content }) {
    state.members.delete(content.user)
  },
}
