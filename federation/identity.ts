import { nodeOf } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Identity } from '#schema/wire/identity.ts'
import { readDocument, type Document, type DocumentKind } from './document.ts'
import type { NodeKey, Signer } from './keys.ts'
import { accept, refuse, type Outcome, type Refused } from './outcome.ts'
import { hashOfJws, signJws, verifyJws } from './strict-jws.ts'

// Identity documents: a home node vouches for its user (I1 to I8). A node can speak for its own users only,
// and an older document never comes back.

export const identityKind: DocumentKind<typeof Identity> = {
  typ: 'parley-id+jws',
  shape: Identity,
  bytesMax: limits.identityBytesMax,
}

/** `key` is one of the issuer's; the caller finds it by the document's `iss` and header `kid`. */
export type IdentityCheck = {
  readonly key: NodeKey
  readonly nowSeconds: number
  /** The document that we hold of this user, when there is one. */
  readonly known?: Document<Identity>
}

/** Signs a document about one of our own users; `name` and the rest have been checked by their shape. */
export function signIdentity(identity: Identity, signer: Signer): string {
  return signJws(identityKind.typ, identity, signer)
}

/**
 * Gate, shape, and that the issuer is the user's own node (I1). Enough to know whose key to look up.
 *
 * Refuses with the gate's codes or `schema`.
 */
export function readIdentity(text: string): Outcome<Document<Identity>> {
  const document = readDocument(text, identityKind)
  if (!document.ok) return document
  const { iss, sub } = document.value.payload
  return nodeOf(sub) === iss ? document : refuse('schema', 'iss') // I1
}

/**
 * Times, signature, and that nothing goes back. Refuses with `schema` (details `life`, `future`, `expired`, `sub`),
 * `key-unknown`, `signature-invalid` or `identity-rollback`.
 */
export function verifyIdentity(
  document: Document<Identity>,
  check: IdentityCheck,
): Outcome<Document<Identity>> {
  const time = checkTimes(document.payload, check.nowSeconds)
  if (time) return time
  const verified = verifyJws(document.jws, check.key)
  if (!verified.ok) return verified
  const older = check.known && checkOrder(document, check.known)
  return older ?? accept(document)
}

/** Whether a document we hold still vouches (I3): afterwards its user is shown as unverified and joins nothing. */
export function isCurrent(identity: Identity, nowSeconds: number): boolean {
  return identity.exp > nowSeconds
}

function checkTimes({ iat, exp }: Identity, nowSeconds: number): Refused | undefined {
  if (exp <= iat || exp - iat > limits.identityLifeSeconds) return refuse('schema', 'life') // I2
  if (iat > nowSeconds + limits.clockAheadSeconds) return refuse('schema', 'future') // I2
  if (exp <= nowSeconds) return refuse('schema', 'expired') // I3
  return undefined
}

// Under an equal `ver` only the dates may be newer: a document issued again at half of its life.
function checkOrder(document: Document<Identity>, known: Document<Identity>): Refused | undefined {
  const next = document.payload
  const held = known.payload
  if (next.sub !== held.sub) return refuse('schema', 'sub')
  if (next.ver > held.ver || hashOfJws(document.jws) === hashOfJws(known.jws)) return undefined
  const isRenewal =
    next.ver === held.ver && next.iat >= held.iat && next.exp >= held.exp && saysTheSame(next, held)
  return isRenewal ? undefined : refuse('identity-rollback') // I4
}

/** Whether two documents differ in their dates alone. */
export function saysTheSame(a: Identity, b: Identity): boolean {
  return statedBy(a) === statedBy(b)
}

function statedBy(identity: Identity): string {
  const { kind, name, org, avatar, title, time_zone: zone, status_text: text, status } = identity
  const { sha256, size, type } = avatar ?? {}
  return JSON.stringify([kind, name, org, sha256, size, type, title, zone, text, status])
}
