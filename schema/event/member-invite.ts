import { z } from 'zod'
import { InviteId, NodeId, UserId } from '../ids.ts'
import { HistoryWindow, Role } from './shared.ts'

/** Somebody of another node is invited. Neither name nor address: the pending have no reach, and may never come. */
export const MemberInvite = z.strictObject({
  jti: InviteId,
  node: NodeId,
  role: Role,
  history: HistoryWindow,
  /** Who asked for it, in an event of the host's own: a member elsewhere, or somebody whose wish had to be approved. */
  by: UserId.optional(),
  /** `by` is a guest of the host who hands over their own place, to somebody who is them at another node. */
  moves: z.literal(true).optional(),
})
export type MemberInvite = z.output<typeof MemberInvite>
