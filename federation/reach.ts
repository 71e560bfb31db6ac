import { type HistoryWindow, type Role, roles } from '#schema/event/shared.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Member, SpaceState } from './state.ts'

// Who reaches a space, by which routes, with which role (SPEC T5 to T8).

/**
 * What somebody is in a group that a thread addresses: their membership there, nothing, or `attested` when
 * this node does not hold the group and has only the host's word for it (T8).
 */
export type Audience = (group: SpaceId, user: UserId) => Member | 'attested' | undefined

/** Nobody reaches anything through groups: the audience of groups and dms themselves. */
export const noAudience: Audience = () => undefined

export type Standing = {
  readonly role: Role
  /** By this log itself. */
  readonly direct: boolean
  /** The addressed groups through which the user reaches the thread. */
  readonly via: readonly SpaceId[]
}

/** Is `role` at least `needed`? */
export function isAtLeast(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}

/** Does the window of a membership in a group include a thread that addresses the group since `anchorSeq` (T7)? */
export function includesThread(window: HistoryWindow, joinSeq: number, anchorSeq: number): boolean {
  if (window === 'all') return true
  return anchorSeq >= (window === 'now' ? joinSeq : Number(window.slice('since:'.length)))
}

/**
 * The user's standing in the space, or undefined when they do not reach it (T5, T6). Routes are a union; the highest
 * role counts, so that reaching a thread in a second way never takes a right away.
 */
export function standingOf(state: SpaceState, audience: Audience, user: UserId): Standing | undefined {
  const direct = state.members.get(user)
  const via: SpaceId[] = []
  const held: Role[] = direct ? [direct.role] : []
  for (const [group, addressed] of state.groups) {
    const member = audience(group, user)
    if (member === undefined) continue
    if (member !== 'attested' && !includesThread(member.history, member.joinSeq, addressed.anchorSeq))
      continue
    via.push(group)
    // Where we have only the host's word for the route, we have only its word for the role.
    held.push(member === 'attested' ? 'admin' : member.role)
  }
  if (held.length === 0) return undefined
  // Of a thread only: who begins a group can be succeeded, and then decides there no longer.
  if (state.kind === 'thread' && user === state.starter) held.push('admin')
  return { role: held.reduce((a, b) => (isAtLeast(a, b) ? a : b)), direct: direct !== undefined, via }
}
