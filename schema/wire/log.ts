import { z } from 'zod'
import { Hash, NodeId, SpaceId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Epoch, Milliseconds, Seq, WireEvent } from './event.ts'

/** Checkpoint payload (`parley-ckpt+jws`): the host's signed head. Covers every entry up to `seq`. */
export const Checkpoint = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  space: SpaceId,
  epoch: Epoch,
  seq: Seq,
  hash: Hash,
  /** State digest after the last state entry at or before `seq` (A6, A21). */
  state: Hash,
  at: Milliseconds,
})
export type Checkpoint = z.output<typeof Checkpoint>

/** A head that is on disk. Only this is a cosignature (A10). */
export const KeptHead = z.looseObject({ epoch: Epoch, seq: Seq, hash: Hash })

/** Receipt payload (`parley-receipt+jws`): the follower's applied head, and the head it has on disk. */
export const Receipt = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  space: SpaceId,
  epoch: Epoch,
  /** 0 with 32 zero bytes as hash: nothing yet. */
  seq: z.int().min(0),
  hash: Hash,
  kept: KeptHead.optional(),
  at: Milliseconds,
})
export type Receipt = z.output<typeof Receipt>

export const WireEntry = z.object({
  entry: z.string().max(limits.entryBytesMax),
  event: WireEvent,
})
export type WireEntry = z.output<typeof WireEntry>

const Jws = z.string().max(limits.proofBytesMax)

/**
 * Entries on their way from the host to a follower: pushed, or as the answer to a pull. Contiguous seqs.
 * `proofs` cover the entries of other nodes' users; `statements` are identity documents to relay.
 */
export const Batch = z.object({
  entries: z.array(WireEntry).max(limits.pullEntriesMax),
  checkpoint: z.string().max(limits.smallDocumentBytesMax),
  proofs: z.array(Jws).max(limits.pullEntriesMax),
  statements: z.array(Jws).max(limits.pullEntriesMax).optional(),
  /** The newest receipts of the other nodes that take part: what they have on disk, in their own words. */
  cosigs: z.array(z.string().max(limits.smallDocumentBytesMax)).max(limits.cosignaturesMax).optional(),
})
export type Batch = z.output<typeof Batch>

/** A batch that a host brings is shorter than a page that a follower asks for. */
export const PushedBatch = Batch.extend({ entries: Batch.shape.entries.max(limits.pushEntriesMax) })

/** What a follower says to a batch. `rejected` is for operators; those entries count as delivered. */
export const BatchAnswer = z.object({
  receipt: z.string().max(limits.smallDocumentBytesMax),
  rejected: z
    .array(z.object({ seq: Seq, tier: z.enum(['event', 'content']), slug: z.string().max(64) }))
    .max(limits.pullEntriesMax),
})
export type BatchAnswer = z.output<typeof BatchAnswer>
