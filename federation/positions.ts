import type { RecipientAdd } from '#schema/event/recipient-add.ts'
import type { SpaceCreate } from '#schema/event/space-create.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { LogPosition } from '#schema/wire/event.ts'
import type { Entry } from './chain.ts'
import type { Event } from './event.ts'
import type { SpaceState } from './state.ts'

// A thread leans on the logs of the groups that it addresses: `anchor` says where each stood when it was
// addressed, `via` where it stood when somebody wrote who reaches the thread through it (SPEC L7, L8).

/** How far a group's log was when an entry named it. */
export type Named = { readonly epoch: number; readonly seq: number }

/** What nothing was named before. */
export const neverNamed: Named = { epoch: 0, seq: 0 }

/** The groups that an event addresses anew. Its content was read by the shape of its type. */
export function addressedBy({ header, content }: Event): readonly SpaceId[] {
  if (content === undefined) return []
  if (header.type === 'recipient.add') return [(content as RecipientAdd).group]
  return header.type === 'space.create' ? (content as SpaceCreate).recipients.groups : []
}

/**
 * Are the positions of an entry those that its event calls for? `lastNamed` is the last position in a group that an
 * earlier entry of this log names: naming an older one would bring back a state in which somebody still belonged.
 */
export function arePositionsSound(
  state: SpaceState | undefined,
  { event, entry }: { readonly event: Event; readonly entry: Entry },
  lastNamed: (group: SpaceId) => Named,
): boolean {
  const { via = [], anchor = [] } = entry.body
  if (!isSameSet(spacesOf(anchor), addressedBy(event))) return false // L7
  const isByHost = event.header.sender.startsWith('node@')
  if (via.length > 0 && isByHost) return false // L8
  if (new Set(spacesOf(via)).size !== via.length) return false // L8
  if (via.some(({ space }) => !state?.groups.has(space))) return false // L8
  return [...via, ...anchor].every((position) => isAtLeast(position, lastNamed(position.space))) // L9
}

/** A new epoch of a group may go on from an earlier entry than what was named before it (L9). */
function isAtLeast(position: Named, last: Named): boolean {
  return position.epoch === last.epoch ? position.seq >= last.seq : position.epoch > last.epoch
}

function spacesOf(positions: readonly LogPosition[]): SpaceId[] {
  return positions.map(({ space }) => space)
}

function isSameSet(a: readonly SpaceId[], b: readonly SpaceId[]): boolean {
  return a.length === b.length && new Set(a).size === a.length && b.every((space) => a.includes(space))
}
