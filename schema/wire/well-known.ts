import { z } from 'zod'
import { NodeId } from '../ids.ts'
import { limits } from '../limits.ts'

/**
 * `https://{node}/.well-known/parley`, `application/json`, at most 64 KiB, public and unsigned (D3). What a
 * reader does not know in it is dropped: only the signed statement says anything that lasts.
 */
export const WellKnown = z.object({
  /** Equals the domain that was asked, byte for byte. */
  node: NodeId,
  base_url: z.string().max(limits.baseUrlCharactersMax),
  /** Compact JWS, `parley-node+jws`. */
  statement: z.string().max(limits.statementBytesMax),
})
export type WellKnown = z.output<typeof WellKnown>
