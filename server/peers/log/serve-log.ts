import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { hastenCursor, resumeRefused } from '#server/db/cursors.ts'
import { findStateDigest } from '#server/db/entries.ts'
import { alone } from '#server/db/open.ts'
import { listThreadsThrough } from '#server/db/windows.ts'
import { Refusal } from '#server/refusal.ts'
import { buildBatch, pullPage } from './batches.ts'
import { checkpointOf } from './checkpoints.ts'
import { findServed } from './served.ts'

// What a host answers when a follower asks. A node that no user reaches the space from is told what a node is told
// about a space that does not exist.

export type Pull = {
  readonly after: number
  readonly before?: number | undefined
  readonly limit?: number | undefined
}

/**
 * The answer to a pull: a page after `after`, or the last one below `before`, or no entries and a checkpoint at the
 * head. Nothing before the node's window, which is as if it did not exist (H1).
 */
export async function serveEntries(
  context: Context,
  node: NodeId,
  space: SpaceId,
  { after, before, limit = pullPage.entries }: Pull,
): Promise<Batch> {
  const served = await findServed(context, node, space)
  if (!served || after < served.from - 1) throw new Refusal('not-visible')
  const { row } = served
  await resumeRefused(alone(context.db), space, node)
  const page = { ...pullPage, after, before, upTo: row.headSeq, entries: limit }
  const batch = await buildBatch(context, space, page)
  if (batch) return batch
  // Who holds another branch is left alone for an hour; from now on it has ours.
  await hastenCursor(alone(context.db), space, node)
  const state = await findStateDigest(context.db, space, row.headSeq)
  if (!state) throw new Error('A log without a state entry has no genesis.')
  const head = { epoch: row.epoch, seq: row.headSeq, hash: row.headHash }
  return { entries: [], checkpoint: checkpointOf(context, space, head, state), proofs: [] }
}

/** The threads that a node reaches through a group, so that nothing depends on a push that never came (A5). */
export async function serveThreads(
  context: Context,
  node: NodeId,
  group: SpaceId,
  after: SpaceId | undefined,
): Promise<{ threads: [SpaceId, number, number, Hash][] }> {
  const row = (await findServed(context, node, group))?.row
  if (row?.kind !== 'group') throw new Refusal('not-visible')
  const threads = await listThreadsThrough(context.db, group, node, {
    after,
    limit: limits.threadsPerPageMax,
  })
  return { threads: threads.map(({ id, epoch, headSeq, headHash }) => [id, epoch, headSeq, headHash]) }
}
