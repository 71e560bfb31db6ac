import { z } from 'zod'
import { Handle, InviteId, NodeId, SpaceId, Hash, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { HistoryWindow, Role, SpaceKind, Title } from '../event/shared.ts'
import { HistoryWish } from '../history.ts'
import { Milliseconds, Seconds, WireEvent } from './event.ts'

const Jws = z.string().max(limits.identityBytesMax)

/** Enough of a space's beginning to know what one is invited to, and nothing else of it (A15). */
export const Genesis = z.looseObject({
  event: WireEvent,
  /** Author proof, when the genesis was written by a user of another node than the host. */
  proof: Jws.optional(),
  /** Covers seq 1. */
  entry: z.string().max(limits.entryBytesMax),
  checkpoint: z.string().max(limits.smallDocumentBytesMax),
})
export type Genesis = z.output<typeof Genesis>

const email = z.string().max(limits.emailCharactersMax)

/** Whom a letter is for, in the invitee's own node: by handle, by user id, or by an e-mail address of its domain. */
export const LetterInvitee = z.union([
  z.looseObject({ handle: Handle, user: z.undefined().optional(), email: z.undefined().optional() }),
  z.looseObject({ user: UserId, handle: z.undefined().optional(), email: z.undefined().optional() }),
  z.looseObject({ email, handle: z.undefined().optional(), user: z.undefined().optional() }),
])
export type LetterInvitee = z.output<typeof LetterInvitee>

/** Invite payload (`parley-invite+jws`), at most 16 KiB; no content of the space, no free text (§10, A15, A16). */
export const Invite = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  jti: InviteId,
  iat: Seconds,
  /** At most 14 days after `iat`. */
  exp: Seconds,
  space: SpaceId,
  kind: SpaceKind,
  title: Title.optional(),
  genesis: Genesis,
  /** Identity document of the inviter. */
  inviter: Jws,
  invitee: LetterInvitee,
  role: Role,
  history: HistoryWindow,
  /** When a window that is narrower than `all` begins, for people. */
  history_at: Milliseconds.optional(),
  /** The nodes that take part already or are invited, the host among them. */
  roster: z.array(NodeId).max(limits.nodesPerSpaceMax + 1),
  features: z.array(z.string().max(64)).max(32),
  /** There is no free text in a letter. */
  note: z.undefined().optional(),
})
export type Invite = z.output<typeof Invite>

export const InviteRequest = z.object({ invite: z.string().max(limits.inviteBytesMax * 2) })
/** Always the same answer, whether or not the invitee exists. */
export const InviteAnswer = z.object({ status: z.literal('received') })

/** Response payload (`parley-response+jws`): the invitee's node answers in the invitee's name (A7). */
export const InviteResponse = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  jti: InviteId,
  space: SpaceId,
  /** Event hash of the genesis that was shown to the invitee. */
  genesis: Hash,
  answer: z.enum(['accept', 'decline']),
  /** Two persons wrote to each other at once, and the other one's dm stays (A16). */
  reason: z.enum(['crossed']).optional(),
  /** User id of the invitee; with `accept` only. */
  user: z.string().max(320).optional(),
  at: Milliseconds,
})
export type InviteResponse = z.output<typeof InviteResponse>

export const InviteResponseRequest = z.object({
  response: z.string().max(limits.smallDocumentBytesMax),
  /** Identity document of the invitee; with `accept` only. */
  identity: Jws.optional(),
})
export const InviteResponseAnswer = z.object({
  status: z.enum(['joined', 'declined']),
  /** With `joined`: the log may be read before the control lane brings one. */
  lease: z.string().max(limits.smallDocumentBytesMax).optional(),
})

/** The host withdraws an open invitation. Payload of `parley-revoke+jws`. */
export const InviteRevocation = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  jti: InviteId,
  at: Milliseconds,
})
export type InviteRevocation = z.output<typeof InviteRevocation>

export const RevokeRequest = z.object({ revocation: z.string().max(limits.smallDocumentBytesMax) })
export const RevokeAnswer = z.object({ status: z.enum(['revoked', 'joined']) })

/** A node asks the host of a space to invite somebody, in the name of a user of its own who takes part (A16). */
export const AskRequest = z.object({
  /** The same ask keeps its id however often it is sent. */
  id: z.uuid(),
  inviter: UserId,
  /** Identity document of the inviter, as it is now. */
  identity: Jws,
  invitee: z.union([
    z.strictObject({ handle: Handle, node: NodeId }),
    z.strictObject({ user: UserId }),
    z.strictObject({ email }),
  ]),
  role: Role,
  history: HistoryWish.optional(),
})
export type AskRequest = z.output<typeof AskRequest>
/** What has become of it: the log shows what is open, and the ask may be repeated to learn the rest. */
export const AskAnswer = z.object({
  status: z.enum(['approval', 'open', 'ended', 'refused']),
  jti: InviteId,
  history: HistoryWindow,
  expires_at: Milliseconds,
})
export type AskAnswer = z.output<typeof AskAnswer>
