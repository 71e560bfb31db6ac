import type { MemberJoin } from '#schema/event/member-join.ts'
import { nodeOf } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import { mayHandOut } from './grants.ts'
import type { Question, Rule } from './rule.ts'

/**
 * The host's own users are added by a colleague with the right to invite, or by the host for such a person. Users of other nodes join by the
 * host's hand, on an open invitation to their node, with what it grants (SPEC E26). That their node agreed is
 * the signed response in the content, which every follower checks (R8).
 */
export const memberJoin: Rule<'member.join'> = {
  byHost: true,
  may(question) {
    const { state, content } = question
    if (state.members.has(content.user)) return 'already-member'
    if (state.members.size >= limits.membersPerSpaceMax) return 'too-many-members'
    return nodeOf(content.user) === state.host ? mayAddColleague(question) : mayAdmit(question)
  },
  fold(state, { content, entry }) {
    if (content.invite) {
      state.invites.delete(content.invite)
      if (state.placesLeft !== undefined) state.placesLeft--
    }
    state.members.set(content.user, { role: content.role, joinSeq: entry.body.seq, history: content.history })
  },
}

function mayAddColleague(question: Question<'member.join'>): RefusalCode | undefined {
  const { state, event, content } = question
  if (state.kind === 'dm') return 'wrong-kind'
  if (!mayHandOut(question) || nodeOf(event.header.sender) !== state.host) return 'no-right'
  // Who decides about a space is made so by a person.
  if (content.by !== undefined && content.role === 'admin') return 'no-right'
  // An invitation is for somebody else, and would be used up.
  return content.invite !== undefined || content.response !== undefined ? 'schema' : undefined
}

function mayAdmit({ state, content, standing }: Question<'member.join'>): RefusalCode | undefined {
  if (standing) return 'no-right'
  if (content.by !== undefined) return 'schema'
  const node = nodeOf(content.user)
  const invite = content.invite && state.invites.get(content.invite)
  if (!invite || !isAsGranted(invite, content) || invite.node !== node) return 'invite-unknown'
  if (content.response === undefined) return 'invite-unknown'
  return state.nodes.has(node) ? undefined : 'not-participating'
}

function isAsGranted(invite: Pick<MemberJoin, 'role' | 'history'>, content: MemberJoin): boolean {
  return invite.role === content.role && invite.history === content.history
}
