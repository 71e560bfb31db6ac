import type { UserId } from '#schema/ids.ts'
import { isAtLeast } from '../reach.ts'
import type { Rule } from './rule.ts'

// SPEC E31. Nobody is kept in a thread against their will, so `locked` does not stand in the way.
export const recipientRemove: Rule<'recipient.remove'> = {
  may({ state, event, content, standing, audience }) {
    if (state.kind !== 'thread') return 'wrong-kind'
    if (!state.groups.has(content.group)) return 'unknown-target'
    if (standing && isAtLeast(standing.role, 'admin')) return undefined
    // A group can also be withdrawn by its own admins, who need not be admins of the thread.
    const member = audience(content.group, event.header.sender as UserId)
    if (member === 'attested') return undefined
    return member && isAtLeast(member.role, 'admin') ? undefined : 'no-right'
  },
  fold(state, { content }) {
    state.groups.delete(content.group)
  },
}
