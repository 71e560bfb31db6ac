import { faultOfPurge, hashFencedSpaces, purgeKind } from '#federation/fence.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { FencedSpace } from '#schema/wire/fence.ts'
import type { Context } from '#server/context.ts'
import { findFence } from '#server/db/fences.ts'
import { forgetCursors, listFencedSpaces, storePurge, takeOverdue } from '#server/db/purges.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { expectSigned } from '../exchange/signed.ts'

// The host's end of a purge: it serves the list that it fixed when it gave the order, takes the receipt, and tells its
// operator when none has come in time.

/** What one of our fences names, page by page, for the node that it was given to. */
export async function serveFencedSpaces(
  context: Context,
  node: NodeId,
  { n, after }: { readonly n: number; readonly after?: SpaceId | undefined },
): Promise<{ spaces: FencedSpace[] }> {
  const key = { host: context.node, node, n }
  const fence = await findFence(context.db, key.host, node, n)
  if (fence?.action !== 'purge') throw new Refusal('fence-unknown')
  const rows = await listFencedSpaces(context.db, key, { after, limit: limits.fencedSpacesPerPageMax })
  return { spaces: rows.map((row) => [row.spaceId, row.fromSeq]) }
}

/** Takes the signed word of a node that it has deleted, or holds for a court, what a fence of ours named. */
export async function receivePurge(
  context: Context,
  node: NodeId,
  text: string,
): Promise<{ status: 'noted' }> {
  const { payload: receipt } = await expectSigned(context, node, text, purgeKind)
  const fence = await findFence(context.db, context.node, node, receipt.n)
  if (fence?.action !== 'purge') throw new Refusal('fence-unknown')
  const now = context.clock.now()
  const rows = await listFencedSpaces(context.db, fence)
  const spaces = hashFencedSpaces(rows.map((row) => [row.spaceId, row.fromSeq]))
  const fault = faultOfPurge(receipt, { space: fence.spaceId, spaces, now })
  if (fault) throw new Refusal(fault.code, { detail: fault.detail ?? 'purge' })
  await context.db.transaction().execute(async (tx) => {
    await storePurge(tx, fence, {
      purgeReceipt: text,
      // By its own clock; as we show it, after the order and before its word came.
      purgedAt: Math.min(Math.max(receipt.completed_at, fence.at), now),
      purgeAckedAt: now,
      held: receipt.held ?? false,
    })
    await forgetCursors(tx, fence)
  })
  // Who was invited again meanwhile has waited for this.
  context.wake.signal('logs')
  return { status: 'noted' }
}

/** Tells the operator once of every order that was not confirmed within a day. */
export async function alarmOverdue(context: Context): Promise<void> {
  const now = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    for (const { node, n, spaceId } of await takeOverdue(tx, context.node, now)) {
      context.logger.warn({ peer: node, space: spaceId }, 'A company has not confirmed a removal.')
      await insertSecurityEvent(tx, {
        id: newUuid(context.clock, context.random),
        at: now,
        kind: 'removal-unconfirmed',
        peer: node,
        spaceId,
        detail: `fence ${n}: nothing new is being sent`,
      })
    }
  })
}
