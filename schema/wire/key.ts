import { z } from 'zod'
import { Hash } from '../ids.ts'

/**
 * A node's public key: Ed25519 and nothing else. `x` is the 32 bytes of RFC 8032 in base64url, `kid` the
 * RFC 7638 thumbprint, `nbf` the second from which the node signs with it.
 */
export const PublicJwk = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/),
  kid: Hash,
  nbf: z.int().nonnegative(),
})
export type PublicJwk = z.output<typeof PublicJwk>
