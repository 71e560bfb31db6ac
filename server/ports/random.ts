import { randomBytes } from 'node:crypto'
import type { EventId, InviteId, NodeId, UserId } from '#schema/ids.ts'
import type { Clock } from './clock.ts'

/** Chance. Ids, salts, tokens, nonces and jitter all come from here. */
export type Random = {
  bytes(count: number): Uint8Array
}

export const systemRandom: Random = { bytes: (count) => randomBytes(count) }

/** A number in [0, 1), for jitter only. */
export function fraction(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32LE() / 2 ** 32
}

/** `bytes` random bytes as base64url: tokens, salts, nonces. */
export function token(random: Random, bytes: number): string {
  return Buffer.from(random.bytes(bytes)).toString('base64url')
}

/** UUIDv7: 48 bits of milliseconds, 74 random bits (RFC 9562). */
export function newUuid(clock: Clock, random: Random): string {
  const bytes = Buffer.from(random.bytes(16))
  bytes.writeUIntBE(clock.now(), 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export function newEventId(clock: Clock, random: Random): EventId {
  return newUuid(clock, random) as EventId
}

export function newInviteId(random: Random): InviteId {
  return token(random, 16) as InviteId
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** `u_` and 26 base32 characters: 128 random bits and two spare ones. */
export function newUserId(random: Random, node: NodeId): UserId {
  let bits = 0n
  for (const byte of random.bytes(17)) bits = (bits << 8n) | BigInt(byte)
  let text = ''
  for (let i = 0; i < 26; i++) {
    text += base32[Number(bits & 31n)]
    bits >>= 5n
  }
  return `u_${text}@${node}` as UserId
}
