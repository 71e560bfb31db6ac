import { readDocument } from '#federation/document.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { pullEntries } from '#schema/wire/endpoints.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { findSpace, type SpaceRow, takingEpoch } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { meetEpoch } from './meet-epoch.ts'
import { mayBeginAnew } from './participation.ts'
import { readEntries, receiveBatch } from './receive.ts'
import { takeSnapshot } from './take-snapshot.ts'

/**
 * Pulls a log, page by page, until there is nothing after what we have; where our history begins later than that, from
 * a snapshot on. `asked`: the space stands in a list that we asked for, so it may begin here without an invitation.
 * False when the host could not be asked, or said no.
 */
export async function pullSpace(
  context: Context,
  host: NodeId,
  space: SpaceId,
  how: { readonly asked?: boolean } = {},
): Promise<boolean> {
  let hasSnapshot = false
  for (let last = -1; !context.tasks.signal.aborted;) {
    const row = await findSpace(context.db, space)
    // What is frozen takes nothing in, but may be offered another epoch.
    if (row?.host === host && row.frozen !== null && row.frozen !== takingEpoch) {
      await meetEpoch(context, row)
      return false
    }
    const after = row?.headSeq ?? 0
    if (after === last) return false // Nothing of the last page was applied; another would change nothing.
    last = after
    const answer = await callPeer(context, host, {
      contract: pullEntries,
      params: { space },
      query: { after },
      space,
    })
    const isApart = answer.ok && row !== undefined && isOfOtherWay(row, answer.value)
    if (answer.ok && !isApart) {
      if (answer.value.entries.length === 0) return true
      if (!(await mayReceive(context, host, answer.value, { space, asked: how.asked }))) return false
      continue
    }
    const isHidden = 'refused' in answer && answer.refused.code === 'not-visible'
    if (!isApart && !isHidden) return false
    if (hasSnapshot || !(await mayBeginAnew(context, host, space, how.asked))) {
      if (isApart) await meetEpoch(context, row)
      return false
    }
    const isOther = isApart || row?.frozen === takingEpoch
    const replaced = row && { headHash: row.headHash, isApart: isOther }
    hasSnapshot = await takeSnapshot(context, { host, space, replaced })
    if (!hasSnapshot) return false
    last = -1
  }
  return false
}

/** Is the host in a later epoch, which does not go on from our head? Where it begins lies before that, or is not for us to see. */
function isOfOtherWay({ epoch, headHash }: SpaceRow, batch: Batch): boolean {
  const checkpoint = readDocument(batch.checkpoint, checkpointKind)
  if (!checkpoint.ok || checkpoint.value.payload.epoch <= epoch) return false
  return readEntries(batch)[0]?.entry.body.prev !== headHash
}

/**
 * What is not taken in has been reported where it was found; a pull only ends there. Where only a group is behind that
 * the entries lean on, it is pulled first.
 */
async function mayReceive(
  ...[context, host, batch, about]: Parameters<typeof receiveBatch>
): Promise<boolean> {
  for (let isSecond = false; ; isSecond = true) {
    try {
      await receiveBatch(context, host, batch, about)
      return true
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.code !== 'group-behind' || isSecond) return false
      await pullGroups(context, host, batch)
    }
  }
}

/** Pulls the groups that a batch leans on; only those that we follow, since nothing begins because a thread names it. */
export async function pullGroups(context: Context, host: NodeId, batch: Batch): Promise<void> {
  const named = readEntries(batch).flatMap(({ entry: { body } }) => [
    ...(body.via ?? []),
    ...(body.anchor ?? []),
  ])
  for (const group of new Set(named.map(({ space }) => space))) {
    const row = await findSpace(context.db, group)
    if (row?.host === host && row.kind === 'group') await pullSpace(context, host, group)
  }
}
