import { nodeOf } from '#schema/ids.ts'
import { isAtLeast } from '../reach.ts'
import { isLastAdmin } from './last-admin.ts'
import type { Rule } from './rule.ts'

// SPEC E29.
export const memberRole: Rule<'member.role'> = {
  may({ state, content, standing }) {
    if (state.kind === 'dm') return 'wrong-kind'
    if (!standing || !isAtLeast(standing.role, 'admin')) return 'no-right'
    if (!state.members.has(content.user)) return 'unknown-target'
    // Those who decide about a space belong to the company that hosts it.
    if (content.role === 'admin' && nodeOf(content.user) !== state.host) return 'no-right'
    return content.role !== 'admin' && isLastAdmin(state, content.user) ? 'last-admin' : undefined
  },
  fold(state, { content }) {
    const member = state.members.get(content.user)
    if (member) state.members.set(content.user, { ...member, role: content.role })
  },
}
