import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Hash, NodeId, SpaceId } from '../ids.ts'
import { limits } from '../limits.ts'

// When the log of a space has branched: what the branches are, which one goes on, and what was put aside.

const inSpace = z.strictObject({ spaceId: SpaceId })
const Seq = z.int().min(1)
const Epoch = z.int().min(1)

const Place = z.strictObject({ epoch: Epoch, seq: Seq, hash: Hash })

/** The branches of a log, as far as they are known here. */
export const Branches = z.strictObject({
  space: SpaceId,
  host: NodeId,
  /** Why it stands still; null when it does not. */
  frozen: z.string().nullable(),
  /** Where the log ends that is followed here. */
  head: Place,
  /** An epoch of the host that is not followed here: `seq` and `hash` are of the entry that it goes on from. */
  offered: Place.nullable(),
  /** Where the logs of the others end, by the signature of this host; null where there was no answer. Hosts only. */
  held: z.array(z.strictObject({ node: NodeId, head: Place.nullable() })),
  /** What was cut off here. `hash` is of the last entry. */
  aside: z.array(z.strictObject({ cutAt: z.int(), epoch: Epoch, first: Seq, last: Seq, hash: Hash })),
})
export type Branches = z.output<typeof Branches>

export const viewBranches = endpoint({
  method: 'GET',
  url: '/api/spaces/:spaceId/branches',
  summary: 'The branches of the log of a space, as far as they are known here. For administrators.',
  policy: 'admin',
  params: inSpace,
  reply: { status: 200, schema: Branches },
})

/** An entry that was cut off, as it was written. */
export const AsideEntry = z.strictObject({
  epoch: Epoch,
  seq: Seq,
  hash: Hash,
  /** Milliseconds. */
  at: z.int(),
  sender: z.string(),
  type: z.string(),
  entry: z.string(),
  header: z.string(),
  content: z.string().nullable(),
})

export const listAside = endpoint({
  method: 'GET',
  url: '/api/spaces/:spaceId/branches/:cutAt',
  summary: 'What was cut off from the log of a space at one time, in its order. For administrators.',
  policy: 'admin',
  params: z.strictObject({ spaceId: SpaceId, cutAt: z.coerce.number().int().min(0) }),
  querystring: z.strictObject({
    /** The last seq of the page before. */
    after: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault),
  }),
  reply: { status: 200, schema: z.strictObject({ entries: z.array(AsideEntry) }) },
})

export const chooseBranch = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/epoch',
  summary:
    'Goes on in another epoch behind an entry of one branch, our own or one that another company holds. For administrators of the host.',
  policy: 'admin',
  params: inSpace,
  body: z.strictObject({ seq: Seq, hash: Hash, from: NodeId.optional() }),
  reply: { status: 200, schema: z.strictObject({ epoch: Epoch }) },
})

export const takeEpoch = endpoint({
  method: 'PUT',
  url: '/api/spaces/:spaceId/epoch',
  summary:
    'Follows the host into the epoch that it offers: what our copy has beyond is put aside. For administrators of the others.',
  policy: 'admin',
  params: inSpace,
  body: z.strictObject({ epoch: Epoch, hash: Hash }),
  /** `taken` is false while the host cannot be reached. */
  reply: { status: 200, schema: z.strictObject({ epoch: Epoch, taken: z.boolean() }) },
})
