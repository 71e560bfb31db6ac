import { type Role, type SettingKey, Title } from '#schema/event/shared.ts'
import { nodeOf, type UserId } from '#schema/ids.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import { isAtLeast, type Standing, standingOf } from '../reach.ts'
import type { SpaceState } from '../state.ts'
import type { Question } from './rule.ts'

// What several rules have in common.

/** May this person bring others in (E15)? A locked space stays as it is until somebody unlocks it. */
export function mayBringIn(state: SpaceState, standing: Standing | undefined): standing is Standing {
  return standing !== undefined && isAtLeast(standing.role, 'member') && !isOn(state, 'locked')
}

/**
 * Nobody hands out more than they have, and those who decide belong to the company that hosts. What the host enters for
 * somebody is judged by that person's rights; who reaches the thread through a group is there on the host's word.
 */
export function mayHandOut({
  state,
  content,
  standing,
  audience,
}: Question<'member.invite'> | Question<'member.join'>): boolean {
  const { by, role } = content
  if ('moves' in content && content.moves) return isOwnPlace(state, by, role)
  if ((by === undefined) !== (standing !== undefined)) return false
  const inviter = by === undefined ? standing : standingOf(state, audience, by)
  if (by !== undefined && inviter === undefined) return state.groups.size > 0 && !isOn(state, 'locked')
  return mayBringIn(state, inviter) && isAtLeast(inviter.role, role)
}

/** Nobody new comes in by it, so it needs no right to invite, and no lock stands in the way. */
function isOwnPlace(state: SpaceState, by: UserId | undefined, role: Role): boolean {
  const place = by === undefined || nodeOf(by) !== state.host ? undefined : state.members.get(by)
  return place !== undefined && isAtLeast(place.role, role)
}

/** The settings that are `yes` or `no`; a dm, which belongs to all who are in it alike, has none of them. */
export function isSwitch(key: SettingKey): key is 'locked' | 'replies-off' {
  return key === 'locked' || key === 'replies-off'
}

export function isOn(state: SpaceState, key: 'locked' | 'replies-off'): boolean {
  return state.settings.get(key) === 'yes'
}

/** Does a setting have a value that means something (E21)? */
export function faultOfSetting(key: SettingKey, value: string): RefusalCode | undefined {
  if (key === 'title') return Title.safeParse(value).success ? undefined : 'schema'
  return isSwitch(key) && value !== 'yes' && value !== 'no' ? 'schema' : undefined
}
