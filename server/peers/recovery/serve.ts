import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { ReplyOf } from '#schema/wire/endpoint.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { listCopies, listHosted, listOwnOperations } from '#schema/wire/recovery.ts'
import type { Context } from '#server/context.ts'
import { findIncarnation } from '#server/db/incarnation.ts'
import { listOperationTexts } from '#server/db/node-ops.ts'
import { findCopyWord, listCopiesOf, listFencesFrom, listReachedOf } from '#server/db/restored.ts'
import { Refusal } from '#server/refusal.ts'
import { buildBatch, pullPage } from '../log/batches.ts'
import { findServed } from '../log/served.ts'

type HeadLine = ReplyOf<typeof listHosted>['spaces'][number]

// What a node tells another that was put back from a backup: only what that one has signed itself, and what its own
// users reach (SPEC B4).

/** Does the database behind this address hold the value? Only the database that it was written into does. */
export async function serveProbe(context: Context, probe: string): Promise<{ known: boolean }> {
  return { known: (await findIncarnation(context.db))?.probe === probe }
}

export async function serveOwnOperations(
  context: Context,
  node: NodeId,
  after: number,
): Promise<ReplyOf<typeof listOwnOperations>> {
  const page = { after, limit: limits.operationsPerPageMax }
  return { operations: await listOperationTexts(context.db, node, page) }
}

/** The fences that the caller has given us, with its own signature. */
export async function serveIssued(context: Context, host: NodeId, after: number): Promise<string[]> {
  const page = { after, limit: limits.fencesPerPullMax }
  return await listFencesFrom(context.db, { host, node: context.node }, page)
}

export async function serveCopies(
  context: Context,
  node: NodeId,
  after: SpaceId | undefined,
): Promise<ReplyOf<typeof listCopies>> {
  const page = { after, limit: limits.copiesPerPageMax }
  return { copies: await listCopiesOf(context.db, node, page) }
}

/** Entries of the caller's own log, under the checkpoint that it signed itself. */
export async function serveCopy(
  context: Context,
  node: NodeId,
  space: SpaceId,
  after: number,
): Promise<Batch> {
  const checkpoint = await findCopyWord(context.db, node, space)
  if (checkpoint === undefined) throw new Refusal('not-visible')
  const batch = await buildBatch(context, space, { ...pullPage, after, upTo: undefined }, checkpoint)
  return batch ?? { entries: [], checkpoint, proofs: [] }
}

export async function serveHosted(
  context: Context,
  node: NodeId,
  after: SpaceId | undefined,
): Promise<ReplyOf<typeof listHosted>> {
  const page = { after, limit: limits.copiesPerPageMax }
  const reached = await listReachedOf(context.db, { host: context.node, node }, page)
  const served = await Promise.all(
    reached.map(async (row) => (await findServed(context, node, row.id)) && row),
  )
  const last = reached.length < limits.copiesPerPageMax ? null : reached.at(-1)!.id
  return {
    spaces: served.flatMap((row): HeadLine[] =>
      row ? [[row.id, row.epoch, row.headSeq, row.headHash]] : [],
    ),
    after: last,
  }
}
