import type { UserId } from '#schema/ids.ts'
import type { SpaceState } from '../state.ts'

/** A group without an admin could never change again; threads and dms have a starter, and may be left by all. */
export function isLastAdmin(state: SpaceState, user: UserId): boolean {
  if (state.kind !== 'group' || state.members.get(user)?.role !== 'admin') return false
  for (const [other, member] of state.members) {
    if (other !== user && member.role === 'admin') return false
  }
  return true
}
