import { z } from 'zod'
import { HistoryWindow, Role, SpaceKind } from './event/shared.ts'
import { Address, InviteId, NodeId, SpaceId, UserId } from './ids.ts'
import { limits } from './limits.ts'
import { Person } from './person.ts'

/** Whom an invitation is for: somebody one knows already, a federated address, an e-mail address. */
export const Invitee = z.union([
  z.strictObject({ user: UserId }),
  z.strictObject({ address: Address }),
  z.strictObject({ email: z.string().min(3).max(limits.emailCharactersMax) }),
])
export type Invitee = z.output<typeof Invitee>

/**
 * Where an invitation stands:
 * - `asking`: the node that hosts the space has been asked to invite, and has not answered yet
 * - `approval`: an administrator has to approve it
 * - `open`: it waits for an answer
 * - `accepted`: the answer is on its way; `joined`: they are in
 * - `declined`, `revoked`, `expired`: it ended without a member
 * - `refused`: an administrator, or the node that hosts the space, said no
 */
export const InvitationStatus = z.enum([
  'asking',
  'approval',
  'open',
  'accepted',
  'joined',
  'declined',
  'revoked',
  'expired',
  'refused',
])
export type InvitationStatus = z.output<typeof InvitationStatus>

/** What one may give to somebody who is invited: to read, to post, to post and invite. */
export const Grade = z.enum(['reader', 'poster', 'member'])

/** An invitation that somebody sent you: what you see before you answer. */
export const Invitation = z.strictObject({
  id: InviteId,
  space: SpaceId,
  kind: SpaceKind,
  title: z.string().nullable(),
  /** The node that hosts the space. */
  host: NodeId,
  inviter: Person,
  role: Role,
  history: HistoryWindow,
  /** When a window that is narrower than `all` begins, in milliseconds, as far as the host says so. */
  historyAt: z.int().nullable(),
  /** The companies that take part already. */
  roster: z.array(NodeId),
  status: InvitationStatus,
  expiresAt: z.int(),
})
export type Invitation = z.output<typeof Invitation>

/** An invitation into a space, as its members see it. */
export const SentInvitation = z.strictObject({
  id: z.string(),
  /** As it was typed: a federated address, an e-mail address; the name of somebody whom one knows. */
  invitee: z.string(),
  /** The company of the invitee; null for a person without one, and as long as nobody knows. */
  node: NodeId.nullable(),
  /** Null where only the log of another node says that somebody is invited. */
  inviter: Person.nullable(),
  role: Role,
  /** Null until the node that hosts the space has said how much it grants. */
  history: HistoryWindow.nullable(),
  status: InvitationStatus,
  /** Why, when the node that hosts the space refused: a refusal code. */
  code: z.string().nullable(),
  expiresAt: z.int(),
  /**
   * Who says that an invitation to an e-mail address is theirs, when nothing proves the address: the inviter confirms
   * that they are meant, or does not.
   */
  claimedBy: Person.nullable(),
})
export type SentInvitation = z.output<typeof SentInvitation>
