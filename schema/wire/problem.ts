import { z } from 'zod'
import { limits } from '../limits.ts'

/**
 * A refusal as it travels between nodes (RFC 9457, `application/problem+json`). An unsigned wrapper: members
 * that a reader does not know are dropped, and so is nothing else, because an unknown slug is still a refusal.
 */
export const Problem = z.object({
  /** `urn:parley:problem:` and a refusal code: what machines compare. */
  type: z.string().regex(/^urn:parley:problem:[a-z][a-z0-9-]{0,63}$/),
  title: z.string().max(limits.problemDetailCharactersMax),
  status: z.int().min(400).max(599),
  /** For the other side's operator. Without stack, SQL, paths, or data of anybody else. */
  detail: z.string().max(limits.problemDetailCharactersMax).optional(),
  /** The row of the exchange at the node that refuses; both operators can quote it. */
  instance: z
    .string()
    .regex(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .optional(),
  /** What the sender's queue does with the request. */
  retry: z.enum(['never', 'later', 'now']),
  /** Seconds, with `later`. */
  retry_after: z.int().min(0).optional(),
  /** The refusing node's clock in seconds, with `clock-skew`. */
  now: z.int().nonnegative().optional(),
  /** The refusing node's signed head (`parley-receipt+jws`), with `gap` and `fork`. */
  receipt: z.string().max(limits.smallDocumentBytesMax).optional(),
  /** Versions of the protocol, with `version`. */
  supported: z.array(z.string().max(limits.featureCharactersMax)).max(limits.versionsMax).optional(),
})
export type Problem = z.output<typeof Problem>
