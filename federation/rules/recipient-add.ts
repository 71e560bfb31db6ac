import type { UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { isAtLeast } from '../reach.ts'
import { mayBringIn } from './grants.ts'
import type { Rule } from './rule.ts'

// SPEC E30.
export const recipientAdd: Rule<'recipient.add'> = {
  may({ state, event, content, standing, audience }) {
    if (state.kind !== 'thread') return 'wrong-kind'
    if (!mayBringIn(state, standing)) return 'no-right'
    if (state.groups.has(content.group)) return 'already-recipient'
    if (state.groups.size >= limits.groupsPerThreadMax) return 'too-many-members'
    // Who adds a group belongs to it, with the right to start threads there.
    const member = audience(content.group, event.header.sender as UserId)
    if (member === undefined) return 'not-found'
    return member === 'attested' || isAtLeast(member.role, 'poster') ? undefined : 'no-right'
  },
  fold(state, { content, entry }) {
    const anchor = entry.body.anchor?.find((position) => position.space === content.group)
    state.groups.set(content.group, {
      addSeq: entry.body.seq,
      history: content.history,
      anchorSeq: anchor?.seq ?? 0,
    })
  },
}
