import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Given, ReplyOf } from '#schema/wire/endpoint.ts'
import type { compareHeads as contract } from '#schema/wire/endpoints.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { findStateDigest } from '#server/db/entries.ts'
import { hasMember } from '#server/db/participation.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { buildBatch, pullPage } from './batches.ts'
import { checkpointOf } from './checkpoints.ts'

// What a host answers when a follower asks. A node that no user reaches the space from is told what a node is told
// about a space that does not exist.

/** The answer to a pull: a page after `after`, or no entries and a checkpoint at the head. */
export async function serveEntries(
  context: Context,
  node: NodeId,
  space: SpaceId,
  after: number,
): Promise<Batch> {
  const row = await participating(context, node, space)
  if (!row) throw new Refusal('not-visible')
  const batch = await buildBatch(context, space, { after, ...pullPage })
  if (batch) return batch
  const state = await findStateDigest(context.db, space, row.headSeq)
  if (!state) throw new Error('A log without a state entry has no genesis.')
  const head = { epoch: row.epoch, seq: row.headSeq, hash: row.headHash }
  return { entries: [], checkpoint: checkpointOf(context, space, head, state), proofs: [] }
}

type Heads = Given<typeof contract, 'body'>
type HeadsAnswer = ReplyOf<typeof contract>

/** Which of these heads are other than ours; spaces that the node does not take part in are unknown to it. */
export async function compareHeads(context: Context, node: NodeId, { spaces }: Heads): Promise<HeadsAnswer> {
  const differ: HeadsAnswer['differ'] = []
  const unknown: SpaceId[] = []
  for (const [space, , seq, hash] of spaces) {
    const row = await participating(context, node, space)
    if (!row) unknown.push(space)
    else if (row.headSeq !== seq || row.headHash !== hash) {
      differ.push([space, row.epoch, row.headSeq, row.headHash])
    }
  }
  return { differ, unknown }
}

async function participating(context: Context, node: NodeId, space: SpaceId): Promise<SpaceRow | undefined> {
  const row = await findSpace(context.db, space)
  if (row?.host !== context.node) return undefined
  return (await hasMember(context.db, space, node)) ? row : undefined
}
