import { z } from 'zod'
import { NodeId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Seconds } from './event.ts'

/**
 * Lease payload (`parley-lease+jws`): the host's word that the node may let its users read what they reach in the
 * host's spaces, for a while, once it has all fences up to a number (§12.3, A9).
 */
export const Lease = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  iat: Seconds,
  /** A renewed one is due from here on. */
  renew: Seconds,
  until: Seconds,
  /** Reading may go on up to here while the host is not heard of at all. */
  outage_until: Seconds,
  fences_upto: z.int().min(0),
})
export type Lease = z.output<typeof Lease>

export const LeaseDocument = z.object({ lease: z.string().max(limits.smallDocumentBytesMax) })
/** `fences`: the number up to which none is missing, so that the host knows what to send again. */
export const LeaseAnswer = z.object({ fences: z.int().min(0) })
