import { createHash } from 'node:crypto'
import type { Hash } from '#schema/ids.ts'

// Base64url without padding, in its one canonical spelling, and the hashes that are written in it.

// Four at a time, then nothing, or a rest whose spare bits are zero.
const canonical = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/

/** Undefined unless the text is what encoding the bytes again would give (W2). */
export function decodeBase64url(text: string): Buffer | undefined {
  return canonical.test(text) ? Buffer.from(text, 'base64url') : undefined
}

export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** SHA-256 in base64url, 43 characters. A string counts as its UTF-8. */
export function sha256(data: Uint8Array | string): Hash {
  return createHash('sha256').update(data).digest('base64url') as Hash
}
