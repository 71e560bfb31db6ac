import { z } from 'zod'
import { InviteId } from '../ids.ts'

/** An open invitation ends without a member. */
export const MemberUninvite = z.strictObject({
  jti: InviteId,
  reason: z.enum(['declined', 'revoked', 'expired']),
})
export type MemberUninvite = z.output<typeof MemberUninvite>
