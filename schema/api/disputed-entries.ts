import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { EventId, NodeId, NodeSender, SpaceId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'

/** An entry that somebody else may have written, who had the signing key of its author's company. Never what it says. */
export const DisputedEntry = z.strictObject({
  space: SpaceId,
  seq: z.int(),
  id: EventId,
  /** When the host wrote it down, in milliseconds. */
  at: z.int(),
  type: z.string(),
  /** The company in whose name it was signed. */
  node: NodeId,
  sender: z.union([UserId, NodeSender]),
})
export type DisputedEntry = z.output<typeof DisputedEntry>

export const listDisputedEntries = endpoint({
  method: 'GET',
  url: '/api/disputed-entries',
  summary: 'What was accepted while a company’s signing key was in doubt, newest first.',
  policy: 'admin',
  querystring: z.strictObject({
    node: NodeId.optional(),
    /** `next` of the page before. */
    before: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault),
  }),
  reply: {
    status: 200,
    schema: z.strictObject({ entries: z.array(DisputedEntry), next: z.string().nullable() }),
  },
})
