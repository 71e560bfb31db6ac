import { z } from 'zod'
import { InviteId, NodeId } from '../ids.ts'
import { HistoryWindow, Role } from './shared.ts'

/** Somebody of another node is invited. Neither name nor address: the pending have no reach, and may never come. */
export const MemberInvite = z.strictObject({
  jti: InviteId,
  node: NodeId,
  role: Role,
  history: HistoryWindow,
})
export type MemberInvite = z.output<typeof MemberInvite>
