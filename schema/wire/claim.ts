import { z } from 'zod'
import { Hash, NodeId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Milliseconds } from './event.ts'

const Jws = z.string().max(limits.identityBytesMax)
const Token = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)

/** A node redeems a mailed link in the name of one of its users (C1). */
export const InviteClaim = z.object({
  token: Token,
  /** Identity document of the user. */
  identity: Jws,
})
/** `confirmation`: the inviter has to say first that this user is meant. */
export const InviteClaimAnswer = z.object({ status: z.enum(['invited', 'confirmation']) })

/**
 * Claim payload (`parley-claim+jws`): the home node of `user` says that the guest account `guest` of `aud` is theirs,
 * and that they take its place (C4). It stands in the log of every space in which they do.
 */
export const GuestClaim = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  /** At `aud`. */
  guest: UserId,
  /** At `iss`. */
  user: UserId,
  at: Milliseconds,
})
export type GuestClaim = z.output<typeof GuestClaim>

/** Link payload (`parley-link+jws`): the other half, signed by the node that vouched for the guest (C5). */
export const GuestLink = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  guest: UserId,
  user: UserId,
  /** Hash of the claim's signing input. */
  claim: Hash,
  at: Milliseconds,
})
export type GuestLink = z.output<typeof GuestLink>

/** The token says which guest: only they were given it. */
export const GuestLookup = z.object({ token: Token })
export const GuestLookupAnswer = z.object({ guest: UserId })

export const GuestClaimRequest = z.object({
  token: Token,
  claim: z.string().max(limits.smallDocumentBytesMax),
  identity: Jws,
})
export const GuestClaimAnswer = z.object({ link: z.string().max(limits.smallDocumentBytesMax) })
