import { z } from 'zod'
import { EventId, NodeSender, SpaceId, UserId } from './ids.ts'
import { Person } from './person.ts'

/**
 * One entry of a space's log, as people read it. `content` has the shape of its type (`schema/event/`); it is
 * null where there is none to show: erased, unreadable, or not proved to be by its sender.
 */
export const Entry = z.strictObject({
  space: SpaceId,
  seq: z.int(),
  id: EventId,
  type: z.string(),
  /** When the host wrote it down, in milliseconds since 1970. */
  at: z.int(),
  sender: z.union([UserId, NodeSender]),
  /** Null for the host itself. */
  person: Person.nullable(),
  /** Whom an entry about membership names: who joined, was removed, wished an invitation, was there from the beginning. */
  people: z.array(Person),
  /** `held`: by somebody of a company that an administrator of this workspace has not agreed to. */
  standing: z.enum(['verified', 'unverified', 'unreadable', 'unsupported', 'held']),
  /**
   * It was accepted while somebody else may have had the signing key of the sender's company, as that company says
   * itself. It is shown as ever, and not to be relied on.
   */
  disputed: z.boolean(),
  content: z.json().nullable(),
})
export type Entry = z.output<typeof Entry>

/** What becomes of something that waits for the host of its space. */
export const PendingState = z.enum(['queued', 'sent', 'accepted', 'refused', 'expired'])

/** Something of the viewer's own that is not in the log yet. */
export const PendingEntry = z.strictObject({
  id: EventId,
  type: z.string(),
  state: PendingState,
  /** Why, when refused: a refusal code. */
  code: z.string().nullable(),
  content: z.json().nullable(),
})
export type PendingEntry = z.output<typeof PendingEntry>
