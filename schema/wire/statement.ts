import { z } from 'zod'
import { Hash, NodeId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Seconds } from './event.ts'
import { PublicJwk } from './key.ts'

const word = z.string().max(limits.featureCharactersMax)
const contactText = z.string().max(limits.contactCharactersMax)

/**
 * What a node says about itself: payload of `parley-node+jws`, at most 64 KiB, served inside the well-known
 * document and at `{base_url}/v1/node` (D4 to D9). Times in seconds. Unknown members are kept.
 */
export const Statement = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  iat: Seconds,
  /** At most seven days after `iat`; a day is recommended. */
  exp: Seconds,
  /** Higher in every new statement. */
  ver: z.int().positive(),
  /** Equals the wrapper's. */
  base_url: z.string().max(limits.baseUrlCharactersMax),
  /** The active keys, the same as the operation log gives. */
  keys: z.array(PublicJwk).min(1).max(limits.keysPerNodeMax),
  /** Head of the operation log: its number and the hash of its signing input. */
  op_seq: z.int().positive(),
  op_hash: Hash,
  versions: z.array(word).min(1).max(limits.versionsMax),
  features: z.array(word).max(limits.featuresMax),
  /** What this node accepts where it is less than the protocol's own bounds. */
  limits: z
    .record(z.string().max(limits.featureCharactersMax), z.int().nonnegative())
    .refine((named) => Object.keys(named).length <= limits.namedLimitsMax)
    .optional(),
  /** Claims; true only when the e-mail domain names this node in turn. */
  email_domains: z.array(NodeId).max(limits.emailDomainsMax).optional(),
  /** A hint, not a promise: how this node meets strangers. */
  inbound: z.enum(['open', 'approval', 'allowlist']),
  contact: z
    .looseObject({
      security: contactText.optional(),
      abuse: contactText.optional(),
      admin: contactText.optional(),
    })
    .optional(),
  must: z.array(word).max(limits.mustNamesMax).optional(),
})
export type Statement = z.output<typeof Statement>
