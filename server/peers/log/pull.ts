import type { NodeId, SpaceId } from '#schema/ids.ts'
import { pullEntries } from '#schema/wire/endpoints.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { isReachedFrom } from '#server/db/access.ts'
import { hasAcceptedInvite } from '#server/db/invites.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
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
    const after = row?.headSeq ?? 0
    if (after === last) return false // Nothing of the last page was applied; another would change nothing.
    last = after
    const answer = await callPeer(context, host, {
      contract: pullEntries,
      params: { space },
      query: { after },
      space,
    })
    if (answer.ok) {
      if (answer.value.entries.length === 0) return true
      if (!(await mayReceive(context, host, answer.value, { space, asked: how.asked }))) return false
      continue
    }
    const isHidden = 'refused' in answer && answer.refused.code === 'not-visible'
    if (!isHidden || hasSnapshot || !(await mayBeginAnew(context, host, space, { ...how, row }))) return false
    hasSnapshot = await takeSnapshot(context, host, space)
    if (!hasSnapshot) return false
  }
  return false
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

type Anew = { readonly asked?: boolean; readonly row: SpaceRow | undefined }

/**
 * A copy begins anew only where none of our users reaches the space by the one we have: as long as somebody does, the
 * log goes on without a gap, and whoever hides entries of it convicts themselves.
 */
async function mayBeginAnew(
  context: Context,
  host: NodeId,
  space: SpaceId,
  { row, asked = false }: Anew,
): Promise<boolean> {
  if (row) {
    if (row.host !== host || row.frozen) return false
    if (await isReachedFrom(context.db, space, context.node)) return false
  }
  return asked || (await hasAcceptedInvite(context.db, space, host))
}
