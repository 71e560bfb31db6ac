import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'
import { limits } from '../limits.ts'

/** Two checkpoints of one host that cannot both be true, as it signed them, and the entries that show it. */
const ShownEvidence = z.strictObject({ a: z.string(), b: z.string(), entries: z.array(z.string()) })

/** Something that an operator has to look at. Never what anybody wrote. */
export const SecurityEvent = z.strictObject({
  id: z.string(),
  /** Milliseconds. */
  at: z.int(),
  /** What it is, for example `equivocation`; docs/operating.md lists them. */
  kind: z.string(),
  /** The company that it is about. */
  peer: z.string().nullable(),
  spaceId: z.string().nullable(),
  detail: z.string(),
  evidence: ShownEvidence.nullable(),
})
export type SecurityEvent = z.output<typeof SecurityEvent>

export const listSecurityEvents = endpoint({
  method: 'GET',
  url: '/api/security-events',
  summary:
    'What an operator has to look at: forks, frozen spaces, forged events; newest first, with the evidence.',
  policy: 'admin',
  querystring: z.strictObject({
    kind: z
      .string()
      .regex(/^[a-z][a-z-]{0,63}$/)
      .optional(),
    peer: NodeId.optional(),
    /** `next` of the page before. */
    before: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault),
  }),
  reply: {
    status: 200,
    schema: z.strictObject({ events: z.array(SecurityEvent), next: z.string().nullable() }),
  },
})
