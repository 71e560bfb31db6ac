import { type Hash, nodeOf } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { GuestClaim, GuestLink } from '#schema/wire/claim.ts'
import type { DocumentKind } from './document.ts'
import type { Signer } from './keys.ts'
import { hashOfJws, readJws, signJws } from './strict-jws.ts'

// A guest becomes somebody of another node (SPEC C4 to C6): each of the two nodes says so for its own user.

export const guestClaimKind: DocumentKind<typeof GuestClaim> = {
  typ: 'parley-claim+jws',
  shape: GuestClaim,
  bytesMax: limits.smallDocumentBytesMax,
}

export const guestLinkKind: DocumentKind<typeof GuestLink> = {
  typ: 'parley-link+jws',
  shape: GuestLink,
  bytesMax: limits.smallDocumentBytesMax,
}

export function signGuestClaim(claim: GuestClaim, signer: Signer): string {
  return signJws(guestClaimKind.typ, claim, signer)
}

export function signGuestLink(link: GuestLink, signer: Signer): string {
  return signJws(guestLinkKind.typ, link, signer)
}

/** What a link says of its claim: the signed text without the signature, which two texts may have in common. */
export function hashOfClaim(text: string): Hash | undefined {
  const read = readJws(text, guestClaimKind.typ, guestClaimKind.bytesMax)
  return read.ok ? hashOfJws(read.value) : undefined
}

/** Does each node speak of its own: the issuer of the user, the addressee of the guest (C4)? */
export function isOwnClaim({ iss, aud, guest, user }: GuestClaim): boolean {
  return nodeOf(user) === iss && nodeOf(guest) === aud && iss !== aud
}
