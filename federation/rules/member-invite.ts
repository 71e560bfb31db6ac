import { limits } from '#schema/limits.ts'
import { mayHandOut } from './grants.ts'
import type { Rule } from './rule.ts'

// SPEC E24.
export const memberInvite: Rule<'member.invite'> = {
  byHost: true,
  may(question) {
    const { state, content } = question
    if (!mayHandOut(question) || content.role === 'admin') return 'no-right'
    if (content.node === state.host) return 'wrong-kind'
    if (state.invites.has(content.jti)) return 'already-invited'
    // A dm is for those it was begun for: a place that somebody took is taken for ever.
    // Who is in a dm is in all of it: its places depend on who ever was.
    if (state.kind === 'dm' && content.history !== 'all') return 'wrong-kind'
    if (state.kind === 'dm')
      return state.invites.size >= (state.placesLeft ?? 0) ? 'too-many-members' : undefined
    return state.members.size + state.invites.size >= limits.membersPerSpaceMax
      ? 'too-many-members'
      : undefined
  },
  fold(state, { content }) {
    state.invites.set(content.jti, { node: content.node, role: content.role, history: content.history })
  },
}
