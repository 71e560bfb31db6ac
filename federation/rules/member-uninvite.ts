import { isAtLeast } from '../reach.ts'
import type { Rule } from './rule.ts'

// SPEC E25. What the invited did, or the calendar, is for the host to say; people can only take an invitation back.
export const memberUninvite: Rule<'member.uninvite'> = {
  byHost: true,
  may({ state, content, standing }) {
    if (standing && !isAtLeast(standing.role, 'member')) return 'no-right'
    if (standing && content.reason !== 'revoked') return 'no-right'
    return state.invites.has(content.jti) ? undefined : 'invite-unknown'
  },
  fold(state, { content }) {
    state.invites.delete(content.jti)
  },
}
