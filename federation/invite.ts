import type { SpaceCreate } from '#schema/event/space-create.ts'
import { type Hash, type InviteId, type NodeId, nodeOf, type SpaceId, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Invite, InviteResponse, InviteRevocation } from '#schema/wire/invite.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import type { DocumentKind } from './document.ts'
import { type GenesisProof, readBeginning } from './genesis.ts'
import type { Signer } from './keys.ts'
import { accept, type Outcome, type Refused, refuse } from './outcome.ts'
import { signJws } from './strict-jws.ts'

// Invitations and their answers (SPEC V1 to V11).

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

export const inviteRevocationKind: DocumentKind<typeof InviteRevocation> = {
  typ: 'parley-revoke+jws',
  shape: InviteRevocation,
  bytesMax: limits.smallDocumentBytesMax,
}

export function signInviteRevocation(revocation: InviteRevocation, signer: Signer): string {
  return signJws(inviteRevocationKind.typ, revocation, signer)
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

/** Does the genesis in an invite begin the space that the invite names, at the node that signed it (V3)? */
export function readGenesis(
  invite: Invite,
  checkpoint: Checkpoint,
  proof: GenesisProof,
): Outcome<SpaceCreate> {
  const { space, iss: host } = invite
  const beginning = readBeginning(invite.genesis, checkpoint, { space, host, proof })
  if (!beginning.ok) return beginning
  const { content } = beginning.value
  return content.kind === invite.kind ? accept(content) : refuse('schema', 'kind')
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
