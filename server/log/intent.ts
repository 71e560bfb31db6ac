import type { Entry } from '#federation/chain.ts'
import type { Event } from '#federation/event.ts'
import type { Outcome } from '#federation/outcome.ts'
import type { Standing } from '#federation/replica.ts'
import type { SpaceState } from '#federation/state.ts'
import type { EventId, Hash, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { AuditRow } from '#server/db/audit.ts'

/**
 * A wish to append to a space that we host. The same event id always means the same wish, so that an intent
 * may be run again after an unknown outcome (A13).
 */
export type Intent = {
  readonly space: SpaceId
  readonly origin: NodeId
  /** Id of the event this is about; what else `plan` returns comes along with it or not at all. */
  readonly eventId: EventId
  /** The header text, when it came from outside: another text under the same id is a conflict, not a repeat. */
  readonly header?: string
  /** For the 1 MiB bound on a batch. */
  readonly bytes: number
  /** Groups that the event addresses anew: their state is locked with that of the space. */
  readonly groups: readonly SpaceId[]
  /**
   * The events to append, in order, given the state under the lock (undefined before a genesis). Pure and
   * fast: it runs inside the transaction, and again if that is retried.
   */
  readonly plan: (state: SpaceState | undefined) => Outcome<readonly Event[]>
  /** Does it change state? Then its space's state row is locked against readers of it. */
  readonly changesState: boolean
  /** For a submission: the key that its proof was verified with, and the proof. */
  readonly proof?: { readonly kid: Hash; readonly hash: Hash; readonly jws: string }
  /** The first that is written after a restore, when everything before it is here (SPEC B7). */
  readonly endsRecovery?: true
  /** The epoch that its event begins, and the entries that come along are in. */
  readonly epoch?: number
  /** The record of the act, written with what it appends. */
  readonly audit?: AuditRow
  readonly idempotency?: { readonly sender: UserId; readonly key: string; readonly requestHash: string }
}

/** An entry in its place, committed. */
export type Placed = {
  readonly space: SpaceId
  readonly entry: Entry
  readonly event: Event
  /** State digest after this entry. */
  readonly digest: Hash
  /** On the host always `verified`; a follower judges for itself. */
  readonly standing: Standing
  /** May somebody else have written it, who had the key of its author's company? Never so when we place it. */
  readonly disputed: boolean
}

export type Settled =
  | { readonly status: 'accepted'; readonly placed: Placed }
  | {
      readonly status: 'duplicate'
      readonly entryText: string
      readonly seq: number
      readonly eventId: EventId
    }
  | { readonly status: 'refused'; readonly code: RefusalCode; readonly detail?: string }

/** An intent on its way, with the promise that waits for it. */
export type Queued = {
  readonly intent: Intent
  readonly settle: (settled: Settled) => void
  readonly fail: (error: unknown) => void
}
