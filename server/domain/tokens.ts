import { hash } from 'node:crypto'
import type { Random } from '#server/ports/random.ts'
import { token } from '#server/ports/random.ts'

// Secrets that we hand out once and then only recognise. A hash without salt is enough for 256 random bits.

const tokenBytes = 32

export function newToken(random: Random): { token: string; tokenHash: string } {
  const secret = token(random, tokenBytes)
  return { token: secret, tokenHash: hashToken(secret) }
}

export function hashToken(secret: string): string {
  return hash('sha256', secret, 'base64url')
}
