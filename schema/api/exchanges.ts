import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'
import { limits } from '../limits.ts'

/** One request between this node and another. Never what was in it. */
export const Exchange = z.strictObject({
  /** The `instance` of the problem document, when there was one: both operators see the same. */
  id: z.string(),
  /** Milliseconds. */
  at: z.int(),
  direction: z.enum(['in', 'out']),
  /** As the request claimed; verified unless `verdict` says otherwise. */
  peer: z.string().nullable(),
  method: z.string(),
  route: z.string(),
  lane: z.string(),
  spaceId: z.string().nullable(),
  status: z.int().nullable(),
  verdict: z.enum(['accepted', 'refused', 'failed']),
  /** Refusal code. */
  code: z.string().nullable(),
  /** Why it did not go through, from the closed list of reasons. */
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  durationMs: z.number(),
  bytesIn: z.int(),
  bytesOut: z.int(),
  kid: z.string().nullable(),
  clockDeltaMs: z.int().nullable(),
  attempt: z.int(),
  /** How long the peer asked to be left alone. */
  pauseMs: z.int().nullable(),
  /** The `instance` of the problem document that came: under it the peer has a row of its own. */
  instance: z.string().nullable(),
})
export type Exchange = z.output<typeof Exchange>

export const listExchanges = endpoint({
  method: 'GET',
  url: '/api/exchanges',
  summary: 'What went between this node and others, newest first.',
  policy: 'admin',
  querystring: z.strictObject({
    peer: NodeId.optional(),
    direction: z.enum(['in', 'out']).optional(),
    verdict: z.enum(['accepted', 'refused', 'failed']).optional(),
    /** Milliseconds. */
    since: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    /** `next` of the page before. */
    before: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault),
  }),
  reply: {
    status: 200,
    schema: z.strictObject({ exchanges: z.array(Exchange), next: z.string().nullable() }),
  },
})
