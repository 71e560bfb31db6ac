import { z } from 'zod'
import { Handle, InviteId, NodeId, SpaceId, Hash } from '../ids.ts'
import { limits } from '../limits.ts'
import { HistoryWindow, Role, SpaceKind, Title } from '../event/shared.ts'
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
  invitee: z.looseObject({ handle: Handle }),
  role: Role,
  history: HistoryWindow,
  /** The nodes that take part already, the host among them. */
  roster: z.array(NodeId).max(limits.nodesPerSpaceMax + 1),
  features: z.array(z.string().max(64)).max(32),
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
