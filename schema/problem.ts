import { z } from 'zod'

/**
 * A refusal of the client API (RFC 9457, `application/problem+json`). Some codes bring members of their own, such as
 * `limit`, `offset` or `field`.
 */
export const Problem = z.looseObject({
  /** `urn:parley:problem:` and a code that never changes: what programs compare. */
  type: z.string().regex(/^urn:parley:problem:[a-z][a-z0-9-]*$/),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** What to do, for people. */
  detail: z.string(),
  /** What the operator finds it by. */
  instance: z.string(),
  /** Whether the same request may succeed: never, later, or signed again now. */
  retry: z.enum(['never', 'later', 'now']),
  /** Seconds. */
  retry_after: z.int().optional(),
  /** Which rules of the contract were broken, and where. */
  errors: z.array(z.strictObject({ path: z.string(), rule: z.string() })).optional(),
})
export type Problem = z.output<typeof Problem>
