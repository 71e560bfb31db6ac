import type { Hash } from '#schema/ids.ts'
import { decodeBase64url, encodeBase64url, sha256 } from './base64url.ts'
import { verifyBytes, type NodeKey, type Signer } from './keys.ts'
import { accept, refuse, type Outcome } from './outcome.ts'
import { readStrictObject, type JsonObject } from './strict-json.ts'

// The gate for signed documents: one exact form of compact JWS (rules W1 to W8 of SPEC.md), then Ed25519.
// General JOSE libraries accept many texts for one signature (padding, white space, spare bits, duplicate
// header members), so the text is never an identifier: hashOfJws is.

/** The `typ`s of the protocol. A document is only read where its own type is expected. */
export const jwsTypes = [
  'parley-node+jws',
  'parley-op+jws',
  'parley-id+jws',
  'parley-invite+jws',
  'parley-response+jws',
  'parley-revoke+jws',
  'parley-claim+jws',
  'parley-link+jws',
  'parley-proof+jws',
  'parley-ckpt+jws',
  'parley-receipt+jws',
  'parley-fence+jws',
  'parley-fence-receipt+jws',
  'parley-purge+jws',
  'parley-lease+jws',
  'parley-grant+jws',
  'parley-handover+jws',
] as const

export type JwsType = (typeof jwsTypes)[number]

/** A document that passed the gate. Its signature has not been verified yet. */
export type Jws = {
  readonly header: { readonly alg: 'Ed25519'; readonly kid: Hash; readonly typ: JwsType }
  readonly payload: JsonObject
  /** The two first segments with their dot: what was signed, and what hashes are taken of. */
  readonly signingInput: string
  readonly signature: Uint8Array
}

const threeSegments = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/

/**
 * The gate: form, header, payload. `bytesMax` bounds the whole text.
 *
 * Refuses with `too-large`, `signature-profile` (form or header) or `json-strict` (payload).
 */
export function readJws(text: string, typ: JwsType, bytesMax: number): Outcome<Jws> {
  if (text.length > bytesMax) return refuse('too-large', 'jws')
  const segments = threeSegments.exec(text)
  if (!segments) return refuse('signature-profile', 'jws-form') // W1
  const header = decodeBase64url(segments[1]!)
  const payload = decodeBase64url(segments[2]!)
  const signature = decodeBase64url(segments[3]!)
  if (!header || !payload || !signature) return refuse('signature-profile', 'jws-encoding') // W2
  const checkedHeader = readHeader(header, typ)
  if (!checkedHeader.ok) return checkedHeader
  const read = readStrictObject(payload) // W5
  if (!read.ok) return refuse('json-strict', read.detail)
  const signingInput = text.slice(0, text.lastIndexOf('.'))
  return accept({ header: checkedHeader.value, payload: read.value, signingInput, signature })
}

/** Refuses with `key-unknown` when the key is not the one that the header names, or `signature-invalid`. */
export function verifyJws(jws: Jws, key: NodeKey): Outcome<Jws> {
  if (jws.header.kid !== key.kid) return refuse('key-unknown') // W8
  if (!verifyBytes(key, Buffer.from(jws.signingInput, 'latin1'), jws.signature))
    return refuse('signature-invalid')
  return accept(jws)
}

/** A compact JWS over the payload as JSON.stringify writes it. */
export function signJws(typ: JwsType, payload: object, signer: Signer): string {
  const header = JSON.stringify({ alg: 'Ed25519', kid: signer.kid, typ })
  const input = `${encodeText(header)}.${encodeText(JSON.stringify(payload))}`
  return `${input}.${encodeBase64url(signer.sign(Buffer.from(input, 'latin1')))}`
}

/** Names a signed document: SHA-256 of its signing input (W6). */
export function hashOfJws(jws: Jws): Hash {
  return sha256(jws.signingInput)
}

// Exactly alg, kid and typ, in any order: no crit, b64, jwk, jku, x5c, zip or anything else to reason about.
function readHeader(bytes: Uint8Array, typ: JwsType): Outcome<Jws['header']> {
  const read = readStrictObject(bytes)
  if (!read.ok) return refuse('signature-profile', 'jws-header-json') // W3
  const header = read.value
  if (Object.keys(header).length !== 3) return refuse('signature-profile', 'jws-header-members') // W3
  const { alg, kid, typ: actual } = header
  if (alg !== 'Ed25519') return refuse('signature-profile', 'jws-alg') // W3
  if (actual !== typ) return refuse('signature-profile', 'jws-typ') // W4
  if (typeof kid !== 'string' || !hashForm.test(kid)) return refuse('signature-profile', 'jws-kid') // W3
  return accept({ alg, kid: kid as Hash, typ })
}

const hashForm = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

function encodeText(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
