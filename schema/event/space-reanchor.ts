import { z } from 'zod'
import { Hash } from '../ids.ts'
import { limits } from '../limits.ts'

/** The last entry of the branch that a new epoch goes on from. */
const After = z.strictObject({ epoch: z.int().min(1), seq: z.int().min(1), hash: Hash })

/**
 * The host was put back from a backup, knows again what it had said, and goes on as another incarnation. With `after` it
 * begins a new epoch: of what it signed in the one before, that entry is the last that counts.
 */
export const SpaceReanchor = z.strictObject({
  incarnation: z.string().min(1).max(limits.incarnationCharactersMax),
  after: After.optional(),
})
export type SpaceReanchor = z.output<typeof SpaceReanchor>
