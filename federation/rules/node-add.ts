import { limits } from '#schema/limits.ts'
import type { Rule } from './rule.ts'

// SPEC E22.
export const nodeAdd: Rule<'node.add'> = {
  byHost: true,
  may({ state, content, standing }) {
    if (standing) return 'no-right'
    if (content.node === state.host || state.nodes.has(content.node)) return 'already-member'
    return state.nodes.size >= limits.nodesPerSpaceMax ? 'too-many-members' : undefined
  },
  fold(state, { content, entry }) {
    state.nodes.set(content.node, entry.body.seq)
  },
}
