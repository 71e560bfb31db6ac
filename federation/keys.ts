import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { Hash } from '#schema/ids.ts'
import type { PublicJwk } from '#schema/wire/key.ts'
import { decodeBase64url, encodeBase64url, sha256 } from './base64url.ts'
import { accept, refuse, type Outcome } from './outcome.ts'

// Node keys: Ed25519 only (K1). Engines disagree about low-order points and about second spellings of a
// point, so that one signature could hold on some nodes and not on others; both are refused here before
// node:crypto is asked (K3, K4). Whoever verifies often keeps the NodeKey, whose making costs more than it.

/** A public key that passed the checks. `x` is its 32 bytes in base64url, `kid` its RFC 7638 thumbprint. */
export type NodeKey = { readonly kid: Hash; readonly x: string; readonly publicKey: KeyObject }

/** Signs with a private key that stays where it is. Signatures are 64 bytes. */
export type Signer = { readonly kid: Hash; readonly sign: (bytes: Uint8Array) => Uint8Array }

/** A signer together with what the node publishes about it. */
export type KeyPair = { readonly signer: Signer; readonly key: NodeKey }

/** Checks the point and that `kid` is the thumbprint (K2, K3). Refuses with `schema`. */
export function importKey(jwk: Pick<PublicJwk, 'x' | 'kid'>): Outcome<NodeKey> {
  const bytes = decodeBase64url(jwk.x)
  if (!bytes) return refuse('schema', 'key-encoding')
  const key = keyFromBytes(bytes)
  if (key.ok && key.value.kid !== jwk.kid) return refuse('schema', 'key-thumbprint')
  return key
}

/** The same from the 32 bytes of RFC 8032. */
export function keyFromBytes(bytes: Uint8Array): Outcome<NodeKey> {
  if (bytes.length !== 32) return refuse('schema', 'key-length')
  if (isLowOrder(bytes)) return refuse('schema', 'key-low-order')
  if (!isCanonicalPoint(bytes)) return refuse('schema', 'key-not-canonical')
  const x = encodeBase64url(bytes)
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return accept({ kid: thumbprint(x), x, publicKey })
}

/** RFC 7638 over the members of RFC 8037: the `kid` of a key, and the commitment to a recovery key. */
export function thumbprint(x: string): Hash {
  return sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)
}

/** What the node publishes about a key. `nbf` in seconds. */
export function jwkOf(key: NodeKey, nbf: number): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x: key.x, kid: key.kid, nbf }
}

/** The key pair of a 32-byte seed (RFC 8032 private key). Throws when the seed has another length. */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' }) as { x: string }
  const key = keyFromBytes(Buffer.from(x, 'base64url'))
  if (!key.ok) throw new Error('An Ed25519 private key cannot have this public key.')
  return { key: key.value, signer: { kid: key.value.kid, sign: (bytes) => sign(null, bytes, privateKey) } }
}

/** True when the signature holds; the same on every node (K4). */
export function verifyBytes(key: NodeKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  const r = signature.subarray(0, 32)
  if (isLowOrder(r) || !isCanonicalPoint(r) || !isCanonicalScalar(signature.subarray(32))) return false
  return verify(null, bytes, key.publicKey, signature)
}

// The eight points of low order in all their fourteen spellings, without the sign bit: y = 0, 1, -1, the two
// of order eight, and 0 and 1 written as p and p + 1. Each stands for two encodings.
const lowOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Buffer.from(hex, 'hex'))

function isLowOrder(point: Uint8Array): boolean {
  return lowOrder.some((low) => low[0] === point[0] && isSameExceptSign(low, point))
}

function isSameExceptSign(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < 31; index++) if (a[index] !== b[index]) return false
  return a[31] === (b[31]! & 0x7f)
}

// y < p = 2^255 - 19, little-endian, the top bit being the sign of x.
function isCanonicalPoint(point: Uint8Array): boolean {
  if ((point[31]! & 0x7f) !== 0x7f) return true
  for (let index = 30; index > 0; index--) if (point[index] !== 0xff) return true
  return point[0]! < 0xed
}

const groupOrder = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex')

// S < L, so that nobody but the signer can make a second signature out of a first.
function isCanonicalScalar(scalar: Uint8Array): boolean {
  for (let index = 31; index >= 0; index--) {
    if (scalar[index] !== groupOrder[index]) return scalar[index]! < groupOrder[index]!
  }
  return false
}
