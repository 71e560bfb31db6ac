import { hasOtherMemberOf } from '../state.ts'
import type { Rule } from './rule.ts'

// SPEC E23.
export const nodeRemove: Rule<'node.remove'> = {
  byHost: true,
  may({ state, content, standing }) {
    if (standing) return 'no-right'
    if (!state.nodes.has(content.node)) return 'unknown-target'
    // A company goes when its last member has gone, never before.
    return hasOtherMemberOf(state, content.node) ? 'no-right' : undefined
  },
  fold(state, { content }) {
    state.nodes.delete(content.node)
  },
}
