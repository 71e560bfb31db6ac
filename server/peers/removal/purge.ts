import { hashFencedSpaces, purgeKind, signPurge } from '#federation/fence.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { confirmPurge, listFencedSpaces as listContract } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { type FenceRow, findLastFence } from '#server/db/fences.ts'
import { alone } from '#server/db/open.ts'
import {
  type FencedSpaceRow,
  listFencedSpaces,
  listOpenPurges,
  storeFencedSpaces,
  storePurge,
} from '#server/db/purges.ts'
import { signedNow } from '../own-keys/signed-now.ts'
import { callPeer } from '../exchange/call.ts'
import { pullFences } from './fence-pull.ts'
import { purgeCopy } from './purge-copy.ts'

// The follower's end of a purge (P2 to P6): the list is asked for, each copy is closed and deleted step by step, and
// the host is told by a signed receipt. What is done is in the database, so it goes on where it stopped.

/** Carries out the orders of a host in their turn. False: the host could not be reached. */
export async function purgeFor(context: Context, host: NodeId): Promise<boolean> {
  for (const fence of await listOpenPurges(context.db, host, context.node)) {
    if (context.tasks.signal.aborted) return false
    // An earlier order that is missing may end a route that we would take for open.
    if (!(await hasAllBefore(context, fence))) return false
    if (!fence.listed && !(await fetchList(context, fence))) return false
    if (!(await carryOut(context, fence))) return false
  }
  return true
}

async function hasAllBefore(context: Context, { host, node, n }: FenceRow): Promise<boolean> {
  if ((await findLastFence(context.db, host, node)) >= n) return true
  return (await pullFences(context, host)) && (await findLastFence(context.db, host, node)) >= n
}

/** The host has fixed what is to be deleted; nobody else ever computes it. */
async function fetchList(context: Context, { host, node, n }: FenceRow): Promise<boolean> {
  for (;;) {
    const after = (await listFencedSpaces(context.db, { host, node, n })).at(-1)?.spaceId
    const answer = await callPeer(context, host, {
      contract: listContract,
      params: { n: String(n) },
      query: after === undefined ? {} : { after },
    })
    if (!answer.ok) return false
    const spaces = answer.value.spaces.map(([spaceId, fromSeq]) => ({ spaceId, fromSeq }))
    // A page that does not go on would be asked for for ever.
    const isLast = spaces.length < limits.fencedSpacesPerPageMax || spaces.at(-1)!.spaceId <= (after ?? '')
    await context.db
      .transaction()
      .execute(async (tx) => await storeFencedSpaces(tx, { host, node, n }, { spaces, isLast }))
    if (isLast) return true
  }
}

/** Deletes what is left to be deleted and tells the host. False: it could not be told. */
async function carryOut(context: Context, fence: FenceRow): Promise<boolean> {
  for (const row of await listFencedSpaces(context.db, fence)) {
    if (row.outcome !== null) continue
    await purgeCopy(context, row)
    if (context.tasks.signal.aborted) return false
  }
  const receipt = (await keptReceipt(context, fence)) ?? (await signReceipt(context, fence))
  const answer = await callPeer(context, fence.host, {
    contract: confirmPurge,
    body: { receipt },
    space: fence.spaceId,
  })
  if (!answer.ok) return false
  const now = context.clock.now()
  await storePurge(alone(context.db), fence, { purgeAckedAt: now })
  return true
}

/** The receipt as it was signed; none when our clock was ahead at that time, since nobody takes it before then (P6). */
async function keptReceipt(
  context: Context,
  { purgeReceipt, purgedAt }: FenceRow,
): Promise<string | undefined> {
  if (purgeReceipt === null || (purgedAt ?? 0) > context.clock.now()) return undefined
  return await signedNow(context, purgeKind.typ, purgeReceipt)
}

/** Signed once, after the last commit of the purge, and stored before it leaves. */
async function signReceipt(context: Context, fence: FenceRow): Promise<string> {
  const spaces = await listFencedSpaces(context.db, fence)
  const now = context.clock.now()
  const held = spaces.some((row) => row.outcome === 'held')
  const sum = (count: (row: FencedSpaceRow) => number): number =>
    spaces.reduce((total, row) => total + count(row), 0)
  const receipt = signPurge(
    {
      v: 1,
      iss: context.node,
      aud: fence.host,
      n: fence.n,
      space: fence.spaceId,
      completed_at: now,
      spaces: hashFencedSpaces(spaces.map((row) => [row.spaceId, row.fromSeq])),
      counts: {
        entries: sum((row) => row.entries),
        contents: sum((row) => row.contents),
        files: 0,
        kept: sum((row) => (row.outcome === 'kept' ? 1 : 0)),
      },
      ...(held ? { held } : {}),
      backup_days: context.config.backupDays,
    },
    context.keys.signer,
  )
  await context.db
    .transaction()
    .execute(async (tx) => await storePurge(tx, fence, { purgeReceipt: receipt, purgedAt: now, held }))
  return receipt
}
