import { z } from 'zod'
import { InviteId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { HistoryWindow, Role } from './shared.ts'

/** A membership begins. For a user of another node it answers an invitation, with that node's signed response. */
export const MemberJoin = z.strictObject({
  user: UserId,
  role: Role,
  history: HistoryWindow,
  invite: InviteId.optional(),
  /** Who wished it, when the host enters one of its own users in its own name: a guest who followed a mailed link. */
  by: UserId.optional(),
  /** `parley-response+jws` of the user's own node: a host cannot put somebody into a roster by itself. */
  response: z.string().max(limits.smallDocumentBytesMax).optional(),
})
export type MemberJoin = z.output<typeof MemberJoin>
