import type { SettingKey } from '#schema/event/shared.ts'
import { nodeOf, type SpaceId, type UserId } from '#schema/ids.ts'
import type { SpaceCreate } from '#schema/event/space-create.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { Event } from '../event.ts'
import { type Audience, isAtLeast } from '../reach.ts'
import type { SpaceState, Step } from '../state.ts'
import { faultOfSetting, isSwitch } from './grants.ts'

// The genesis has no state before it, so its rule and its fold stand apart from the others (SPEC E20, T1).

/** May this genesis begin a space? `audience` speaks for the groups that it addresses. */
export function mayCreate(event: Event, content: SpaceCreate, audience: Audience): RefusalCode | undefined {
  const { users, groups } = content.recipients
  const { host, sender } = event.header
  if (sender.startsWith('node@')) return 'no-right'
  const starter = sender as UserId
  if (content.features.length > 0) return 'features-missing'
  const shape = faultOfShape(content)
  if (shape) return shape
  if (users.some((user) => nodeOf(user) !== host)) return 'not-a-member'
  if (groups.length === 0 && !users.includes(starter)) return 'not-a-member'
  for (const group of groups) {
    const member = audience(group, starter)
    if (member === undefined) return 'not-a-member'
    if (member !== 'attested' && !isAtLeast(member.role, 'poster')) return 'no-right'
  }
  return undefined
}

function faultOfShape({ kind, size, recipients, settings }: SpaceCreate): RefusalCode | undefined {
  const { users, groups } = recipients
  if (new Set(users).size !== users.length || new Set(groups).size !== groups.length) return 'schema'
  if ((kind === 'dm') !== (size !== undefined)) return 'schema'
  if (kind !== 'thread' && groups.length > 0) return 'wrong-kind'
  if (size !== undefined && users.length > size) return 'too-many-members'
  for (const [key, value] of Object.entries(settings) as [SettingKey, string][]) {
    if (kind === 'dm' && isSwitch(key)) return 'wrong-kind'
    const fault = faultOfSetting(key, value)
    if (fault) return fault
  }
  return undefined
}

/** The state after seq 1. */
export function begin(step: Step, content: SpaceCreate): SpaceState {
  const { event, entry } = step
  const starter = event.header.sender as UserId
  const anchors = new Map((entry.body.anchor ?? []).map((a) => [a.space, a.seq]))
  return {
    id: `s_${event.hash}` as SpaceId,
    kind: content.kind,
    host: event.header.host,
    epoch: entry.body.epoch,
    starter,
    stateSeq: entry.body.seq,
    stateHash: entry.hash,
    members: new Map(
      content.recipients.users.map((user) => [
        user,
        { role: user === starter ? 'admin' : 'member', joinSeq: entry.body.seq, history: 'all' },
      ]),
    ),
    invites: new Map(),
    groups: new Map(
      content.recipients.groups.map((group) => [
        group,
        { addSeq: entry.body.seq, history: 'all', anchorSeq: anchors.get(group) ?? 0 },
      ]),
    ),
    nodes: new Map(),
    settings: new Map(Object.entries(content.settings)) as SpaceState['settings'],
    ...(content.size === undefined ? {} : { placesLeft: content.size - content.recipients.users.length }),
  }
}
