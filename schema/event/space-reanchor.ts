import { z } from 'zod'
import { limits } from '../limits.ts'

/** The host was put back from a backup, knows again what it had said, and goes on as another incarnation. */
export const SpaceReanchor = z.strictObject({
  incarnation: z.string().min(1).max(limits.incarnationCharactersMax),
})
export type SpaceReanchor = z.output<typeof SpaceReanchor>
