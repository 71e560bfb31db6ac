import type { Event } from '#federation/event.ts'
import type { Entry } from '#federation/chain.ts'
import type { ContentOf, EventType } from '#schema/event/types.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { FenceDraft } from '#server/db/fences.ts'
import type { Tx } from '#server/db/open.ts'
import type { Clock } from '#server/ports/clock.ts'
import type { Random } from '#server/ports/random.ts'

// What an entry does to rows, one file per event type. The same effects run on the host and on every
// follower, inside the transaction that writes the entry.

export type Happening<T extends EventType> = {
  readonly space: SpaceId
  readonly seq: number
  readonly content: ContentOf<T>
  readonly event: Event
  readonly entry: Entry
  /** Our own node, and whether it hosts the space. */
  readonly node: NodeId
  readonly hosted: boolean
  /** For what is decided here because of the entry. */
  readonly clock: Clock
  readonly random: Random
}

/** Returns the fences that the host owes to other nodes for it. */
export type Effect<T extends EventType> = (
  tx: Tx,
  happening: Happening<T>,
) => Promise<readonly FenceDraft[] | void>
