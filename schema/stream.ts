import { z } from 'zod'
import { Entry } from './entry.ts'
import { SpaceId } from './ids.ts'

// Frames of `GET /api/stream`, one JSON text each. Per space: in the order of the log, no gap, no duplicate,
// resumed after the last seq that the client has seen. A position beyond the head waits there.

/** From the client. `after`: the last seq it has; entries from `after` + 1 follow. */
export const StreamRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('subscribe'), space: SpaceId, after: z.int().min(0) }),
  z.strictObject({ type: z.literal('unsubscribe'), space: SpaceId }),
])
export type StreamRequest = z.output<typeof StreamRequest>

/**
 * To the client. `ended`: the space is not to be seen any more (`not-found`); or, with `log-cut`, what was shown of it may
 * not be its log any more, and is to be read anew; or, with `storage-unavailable`, `busy` or `internal`, something broke at
 * the node, and the client subscribes again after a while. `spaces`: the list of spaces has changed.
 */
export const StreamFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('subscribed'), space: SpaceId, after: z.int() }),
  /** What one commit wrote, or a page of what was before: contiguous, in order. */
  z.strictObject({ type: z.literal('entries'), space: SpaceId, entries: z.array(Entry) }),
  z.strictObject({ type: z.literal('ended'), space: SpaceId, code: z.string() }),
  z.strictObject({ type: z.literal('spaces') }),
  z.strictObject({ type: z.literal('error'), code: z.string(), sentence: z.string() }),
])
export type StreamFrame = z.output<typeof StreamFrame>
