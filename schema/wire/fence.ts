import { z } from 'zod'
import { Hash, NodeId, SpaceId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Epoch, Milliseconds, Seq } from './event.ts'

/**
 * Fence payload (`parley-fence+jws`): the host's numbered order to end access (§12.1, A8). It ends, for
 * `subject`, every interval of `space` that began before `from_seq`; later intervals are untouched.
 */
export const Fence = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  /** Counter per host and node, without gaps. */
  n: z.int().min(1),
  space: SpaceId,
  /** One user, or `*` for the whole node. */
  subject: z.union([UserId, z.literal('*')]),
  from_seq: Seq,
  epoch: Epoch,
  action: z.enum(['deny', 'purge']),
  at: Milliseconds,
})
export type Fence = z.output<typeof Fence>

/** Fence receipt payload (`parley-fence-receipt+jws`): applied, in one transaction, before this was signed. */
export const FenceReceipt = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  n: z.int().min(1),
  applied_at: Milliseconds,
  /** Live sockets and streams that were closed. */
  live_closed: z.int().min(0),
  /** Members of that space left on the node. */
  remaining: z.int().min(0),
  /** Days until the node's backups no longer hold the data. */
  backup_days: z.int().min(0),
})
export type FenceReceipt = z.output<typeof FenceReceipt>

export const FenceRequest = z.object({ fence: z.string().max(limits.smallDocumentBytesMax) })
export const FenceAnswer = z.object({ receipt: z.string().max(limits.smallDocumentBytesMax) })

/** Pull of fences that the caller may have missed, after number `after`. */
export const FencePage = z.object({
  fences: z.array(z.string().max(limits.smallDocumentBytesMax)).max(limits.fencesPerPullMax),
})
export type FencePage = z.output<typeof FencePage>

/** The spaces that a fence with the action `purge` names: id, and the seq from which on later memberships are spared. */
export const FencedSpace = z.tuple([SpaceId, Seq])
export type FencedSpace = z.output<typeof FencedSpace>

export const FencedSpacePage = z.object({ spaces: z.array(FencedSpace).max(limits.fencedSpacesPerPageMax) })

/** Purge receipt payload (`parley-purge+jws`): what the fence named is deleted, or kept for a reason that it says. */
export const PurgeReceipt = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  aud: NodeId,
  n: z.int().min(1),
  space: SpaceId,
  completed_at: Milliseconds,
  /** Hash of the list that was carried out (P3). */
  spaces: Hash,
  counts: z.looseObject({
    entries: z.int().min(0),
    contents: z.int().min(0),
    files: z.int().min(0),
    /** Spaces of the list that stay, because somebody has come to reach them since. */
    kept: z.int().min(0),
  }),
  /** Nobody reads it, and it is kept for a court. */
  held: z.boolean().optional(),
  backup_days: z.int().min(0),
})
export type PurgeReceipt = z.output<typeof PurgeReceipt>

export const PurgeRequest = z.object({ receipt: z.string().max(limits.smallDocumentBytesMax) })
export const PurgeAnswer = z.object({ status: z.literal('noted') })
