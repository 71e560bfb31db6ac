import { z } from 'zod'
import { EventId } from '../ids.ts'
import { limits } from '../limits.ts'
import { WireEvent } from './event.ts'
import { Problem } from './problem.ts'

/** Events of one author node for one space, in the author's order; one proof over all of them (§8.1). */
export const SubmitRequest = z.object({
  events: z.array(WireEvent).min(1).max(limits.submitEventsMax),
  proof: z.string().max(limits.proofBytesMax),
})
export type SubmitRequest = z.output<typeof SubmitRequest>

/**
 * What became of one event. `rejected` is final; after the first `retry` all later ones are `retry` too (A14).
 * `duplicate` answers with the first result, whatever would refuse the event today (A1).
 */
export const SubmitResult = z.discriminatedUnion('status', [
  z.object({ status: z.literal('accepted'), id: EventId, entry: z.string() }),
  z.object({ status: z.literal('duplicate'), id: EventId, entry: z.string() }),
  z.object({ status: z.literal('rejected'), id: EventId, problem: Problem }),
  z.object({ status: z.literal('retry'), id: EventId, after: z.int().min(1).max(3600) }),
])
export type SubmitResult = z.output<typeof SubmitResult>

/** The answer; the checkpoint covers the highest seq named, and is absent when none is (A21). It is the host's promise. */
export const SubmitAnswer = z.object({
  results: z.array(SubmitResult).max(limits.submitEventsMax),
  checkpoint: z.string().max(limits.smallDocumentBytesMax).optional(),
})
export type SubmitAnswer = z.output<typeof SubmitAnswer>
