import type { ContentOf } from '#schema/event/types.ts'
import type { NodeId, UserId } from '#schema/ids.ts'
import { judge } from '#federation/judge.ts'
import { type Audience, noAudience } from '#federation/reach.ts'
import type { SpaceState } from '#federation/state.ts'
import { acme } from './fixtures.ts'
import {
  alice,
  anna,
  begin,
  bringsIn,
  eventOf,
  genesisContent,
  groupId,
  type TestLog,
  type Wish,
  writeAll,
} from './log-fixtures.ts'

// Spaces for the rules to be asked about.

export function ask(log: { state: SpaceState }, wish: Wish, audience: Audience = noAudience): string {
  const { state } = log
  return judge(state, audience, eventOf(state.id, 99, wish)) ?? 'yes'
}

export function askGenesis(
  changes: Partial<ContentOf<'space.create'>>,
  wish: Partial<Wish<'space.create'>> = {},
  audience: Audience = noAudience,
): string {
  const content = genesisContent(changes)
  return judge(undefined, audience, eventOf(null, 1, { type: 'space.create', content, ...wish })) ?? 'yes'
}

export const group = begin({ kind: 'group', recipients: { users: [alice, anna], groups: [] } })
export const thread = begin()
export const shared = writeAll(thread, bringsIn())
export const [one, two] = [groupId(31), groupId(32)]
export const many = <T>(length: number, make: (n: number) => T): T[] =>
  Array.from({ length }, (_, n) => make(n))
export const somebody = (n: number, node: NodeId = acme): UserId => {
  const digits = n.toString(26).replaceAll(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)]!)
  return `u_${digits.padStart(26, '2')}@${node}` as UserId
}

/** The same state with more in it than a test would write. */
export const crowded = (log: TestLog, changes: Partial<SpaceState>): { state: SpaceState } => ({
  state: { ...log.state, ...changes },
})
