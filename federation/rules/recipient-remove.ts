import { isAtLeast } from '../reach.ts'
import type { Rule } from './rule.ts'

// SPEC E31. The admins of a group are admins of its threads as long as they reach them through it (T6), so they can
// withdraw it. Nobody is kept in a thread against their will: `locked` does not stand in the way.
export const recipientRemove: Rule<'recipient.remove'> = {
  may({ state, content, standing }) {
    if (state.kind !== 'thread') return 'wrong-kind'
    if (!standing || !isAtLeast(standing.role, 'admin')) return 'no-right'
    return state.groups.has(content.group) ? undefined : 'unknown-target'
  },
  fold(state, { content }) {
    state.groups.delete(content.group)
  },
}
