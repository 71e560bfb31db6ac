import type { ContentOf, EventType, StateType } from '#schema/event/types.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { Entry } from '../chain.ts'
import type { Event } from '../event.ts'
import type { Audience, Standing } from '../reach.ts'
import type { SpaceState } from '../state.ts'

// One file per event type says who may write it (`may`) and what it means (`fold`). Both are pure and run alike
// on the host, under its locks, and on every follower, at the entry's place (SPEC E14, T2).

/** What a rule may look at: the state before the event, and who asks. */
export type Question<T extends EventType> = {
  readonly state: SpaceState
  readonly event: Event
  /** Timeline events are judged without their content: it can be erased, and the verdict has to stay what it was. */
  readonly content: T extends StateType ? ContentOf<T> : undefined
  /** The sender's standing; undefined for an event that the host makes in its own name. */
  readonly standing: Standing | undefined
  readonly audience: Audience
}

export type Change<T extends EventType> = {
  readonly event: Event
  readonly content: ContentOf<T>
  readonly entry: Entry
}

export type Rule<T extends EventType> = {
  /** May the host make this event in its own name (E13)? */
  readonly byHost?: true
  /** Undefined: yes. */
  may(question: Question<T>): RefusalCode | undefined
  /** Changes `state`, which is the caller's private copy. Timeline events leave it out. */
  fold?(state: SpaceState, change: Change<T>): void
}
