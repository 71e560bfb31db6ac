import type { SpaceCreate } from '#schema/event/space-create.ts'
import { type Hash, type InviteId, type NodeId, nodeOf, type SpaceId, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Invite, InviteResponse } from '#schema/wire/invite.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import { noHash, readEntry } from './chain.ts'
import type { DocumentKind } from './document.ts'
import { readEvent } from './event.ts'
import { fold, judge } from './judge.ts'
import type { Signer } from './keys.ts'
import { accept, type Outcome, type Refused, refuse } from './outcome.ts'
import { digestState } from './state.ts'
import { signJws } from './strict-jws.ts'

// Invitations and their answers (SPEC V1 to V7).

export const inviteKind: DocumentKind<typeof Invite> = {
  typ: 'parley-invite+jws',
  shape: Invite,
  bytesMax: limits.inviteBytesMax,
}

export const inviteResponseKind: DocumentKind<typeof InviteResponse> = {
  typ: 'parley-response+jws',
  shape: InviteResponse,
  bytesMax: limits.smallDocumentBytesMax,
}

export function signInvite(invite: Invite, signer: Signer): string {
  return signJws(inviteKind.typ, invite, signer)
}

export function signInviteResponse(response: InviteResponse, signer: Signer): string {
  return signJws(inviteResponseKind.typ, response, signer)
}

/** Is the invite one that may be answered now (V2)? Whose it is and to whom it goes was checked with its signature. */
export function faultOfInvite({ iat, exp, role }: Invite, nowSeconds: number): Refused | undefined {
  if (iat > nowSeconds + limits.clockAheadSeconds) return refuse('schema', 'future')
  if (exp <= iat || exp - iat > limits.inviteLifeSeconds) return refuse('schema', 'life')
  if (role === 'admin') return refuse('no-right', 'role')
  return exp <= nowSeconds ? refuse('invite-expired') : undefined
}

/**
 * Does the genesis in an invite begin the space that the invite names (V3)? What the invitee is shown, the kind, the
 * host and the features, is read from it and from nothing else. `checkpoint` is the verified payload of the one
 * beside it: with it the host has signed that the log begins so, and not just that an invitation says so.
 */
export function readGenesis(invite: Invite, checkpoint: Checkpoint): Outcome<SpaceCreate> {
  const read = readEvent(invite.genesis.event)
  if (!read.ok) return read
  const event = read.value
  const { header, hash } = event
  if (header.type !== 'space.create' || (`s_${hash}` as SpaceId) !== invite.space)
    return refuse('schema', 'genesis')
  if (header.host !== invite.iss) return refuse('not-host', 'genesis')
  // A genesis of another node's user needs its proof, which this version neither makes nor reads.
  if (header.origin !== invite.iss) return refuse('signature-invalid', 'proof')
  const entry = readEntry(invite.genesis.entry)
  if (!entry.ok) return entry
  const { seq, epoch, prev, event: placed, space } = entry.value.body
  if (seq !== 1 || epoch !== 1 || prev !== noHash || placed !== hash || space !== invite.space) {
    return refuse('schema', 'entry')
  }
  const code = judge(undefined, () => 'attested', event)
  if (code) return refuse(code, 'genesis')
  const state = fold(undefined, { event, entry: entry.value })
  const isCovered =
    checkpoint.iss === invite.iss &&
    checkpoint.space === invite.space &&
    checkpoint.epoch === 1 &&
    checkpoint.seq === 1 &&
    checkpoint.hash === entry.value.hash &&
    checkpoint.state === digestState(state)
  if (!isCovered) return refuse('schema', 'checkpoint')
  return state.kind === invite.kind ? accept(event.content as SpaceCreate) : refuse('schema', 'kind')
}

/** What an answer has to be about before it makes somebody a member. */
export type Expected = {
  readonly host: NodeId
  readonly space: SpaceId
  readonly jti: InviteId
  readonly user: UserId
}

/** Does the user's own node say in this verified response that the user joins this space (V5)? */
export function isConsent(said: InviteResponse, { host, space, jti, user }: Expected): boolean {
  return (
    said.iss === nodeOf(user) &&
    said.aud === host &&
    said.jti === jti &&
    said.space === space &&
    said.genesis === (space.slice('s_'.length) as Hash) &&
    said.answer === 'accept' &&
    said.user === user
  )
}
