import { z } from 'zod'
import { UserId } from '../ids.ts'

/** A membership ends at the member's own wish, or by the administrator of the member's own workspace. */
export const MemberLeave = z.strictObject({
  user: UserId,
  reason: z.enum(['administrator']).optional(),
})
export type MemberLeave = z.output<typeof MemberLeave>
