import { z } from 'zod'
import { Hash, NodeId } from '../ids.ts'
import { limits } from '../limits.ts'
import { PublicJwk } from './key.ts'

/**
 * One line of a node's key history: payload of `parley-op+jws`, at most 4 KiB, served oldest first at
 * `{base_url}/v1/node/ops?after=seq`, 100 a page, 256 in all (K5 to K12). Unknown members are kept.
 */
export const Operation = z.looseObject({
  v: z.literal(1),
  node: NodeId,
  /** 1 for the genesis, dense. */
  seq: z.int().positive(),
  /** SHA-256 of the previous operation's signing input; 32 zero bytes for the genesis. */
  prev: Hash,
  op: z.enum(['genesis', 'rotate', 'recover', 'move', 'retire']),
  /** All keys that are active after this operation. Absent in `retire`, which changes none. */
  active: z.array(PublicJwk).min(1).max(limits.keysPerNodeMax).optional(),
  /** Thumbprints of the recovery keys, whose private halves are kept off the server. */
  recovery: z.array(Hash).min(1).max(limits.recoveryKeysMax).optional(),
  /** `recover`: the last good operation, which is also `prev`. */
  base: Hash.optional(),
  /** `recover`: second since which the replaced keys may have been somebody else's. */
  compromised_since: z.int().nonnegative().optional(),
  /** `move`: the new node id. */
  to: NodeId.optional(),
  /** Seconds. Display only: order comes from the chain. */
  at: z.int().nonnegative(),
  /** `recover`, or `retire` by a recovery key: the recovery key that signs, shown for the first time. */
  reveal: PublicJwk.optional(),
  must: z.array(z.string().max(limits.featureCharactersMax)).max(limits.mustNamesMax).optional(),
})
export type Operation = z.output<typeof Operation>
