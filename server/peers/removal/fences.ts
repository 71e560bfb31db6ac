import { faultOfFence, fenceKind, fenceReceiptKind, signFence, signFenceReceipt } from '#federation/fence.ts'
import { hashOfJws, readJws } from '#federation/strict-jws.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import {
  countRemaining,
  type FenceRow,
  findFence,
  insertFence,
  listFencesTo,
  type NewFence,
  storeFenceReceipt,
  storeFenceSignature,
} from '#server/db/fences.ts'
import { countFences, holdLease } from '#server/db/leases.ts'
import { alone } from '#server/db/open.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
import { findSpace } from '#server/db/spaces.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { expectSigned } from '../exchange/signed.ts'
import { signedNow } from '../own-keys/signed-now.ts'

// Fences: numbered orders to end access, sent ahead of everything else until the other node's signed receipt is
// here. A backlog of the log, or a log that never comes, delays none of them (§12.1).

/** Signed once, after the commit that made it; the signed bytes are stored before they leave (A25). */
export async function signedFence(context: Context, row: FenceRow): Promise<string> {
  if (row.jws !== null) return await signedNow(context, fenceKind.typ, row.jws)
  const { host: iss, node: aud, n, spaceId: space, subject, fromSeq, epoch, action, at } = row
  const text = signFence(
    { v: 1, iss, aud, n, space, subject, from_seq: fromSeq, epoch, action, at },
    context.keys.signer,
  )
  const read = readJws(text, fenceKind.typ, fenceKind.bytesMax)
  if (!read.ok) throw new Error('Our own fence does not pass the gate.')
  await context.db
    .transaction()
    .execute(async (tx) => await storeFenceSignature(tx, row, text, hashOfJws(read.value)))
  const stored = await findFence(context.db, row.host, row.node, row.n)
  return stored!.jws!
}

/** The signed bytes, without who signed them. */
function payloadOf(jws: string): string {
  return jws.split('.', 2)[1] ?? ''
}

/**
 * Receives a fence: in one transaction it is stored, which is what every door looks at; after the commit the open
 * streams ask the door again; then comes the signed receipt. The same fence again is answered again.
 */
export async function receiveFence(
  context: Context,
  host: NodeId,
  text: string,
): Promise<{ receipt: string }> {
  const { jws, payload: fence } = await expectSigned(context, host, text, fenceKind)
  const fault = faultOfFence(fence)
  if (fault) throw new Refusal(fault.code, { detail: fault.detail ?? 'fence' })
  // Signed anew by a host that has changed its key it is the same order (K16).
  const before = await findFence(context.db, host, context.node, fence.n)
  const isSame = payloadOf(before?.jws ?? '') === payloadOf(text)
  const { hash = null, jws: kept = null } = isSame ? before! : { hash: hashOfJws(jws), jws: text }
  const space = await findSpace(context.db, fence.space)
  // Only the host of a space may close it (FNC-13). One that we do not hold has nothing to be closed yet.
  if (space && space.host !== host) await refuseForeign(context, host, fence.space)
  const now = context.clock.now()
  const row: NewFence = {
    host,
    node: context.node,
    n: fence.n,
    spaceId: fence.space,
    subject: fence.subject,
    fromSeq: fence.from_seq,
    epoch: fence.epoch,
    action: fence.action,
    at: fence.at,
    jws: kept,
    hash,
    receipt: null,
    ackedAt: now,
  }
  const became = await context.db.transaction().execute(async (tx) => {
    await holdLease(tx, host, context.node)
    const stored = await insertFence(tx, row)
    await countFences(tx, host, context.node)
    return stored
  })
  const closed = became === 'known' ? 0 : recheck(context, row)
  if (became === 'conflict') return await refuseConflict(context, row)
  if (fence.action === 'purge') context.wake.signal('purges')
  const stored = await findFence(context.db, host, context.node, fence.n)
  const remaining = space ? await countRemaining(context.db, fence.space, context.node) : 0
  if (stored?.receipt) return { receipt: await signedNow(context, fenceReceiptKind.typ, stored.receipt) }
  const receipt = receiptOf(context, row, { closed, remaining })
  await storeFenceReceipt(alone(context.db), row, receipt, now)
  return { receipt }
}

/** Somebody orders what only another may: nothing is done, and an operator is told (X8). */
async function refuseForeign(context: Context, peer: NodeId, spaceId: SpaceId): Promise<never> {
  await alarm(context, { kind: 'foreign-fence', peer, spaceId, detail: 'it does not host the space' })
  throw new Refusal('not-host')
}

/** Another order under a known number is carried out, closing too much, but never taken for a repeat (A2). */
async function refuseConflict(context: Context, row: NewFence): Promise<never> {
  const detail = `another fence has the number ${row.n}`
  await alarm(context, { kind: 'fence-conflict', peer: row.host, spaceId: row.spaceId, detail })
  throw new Refusal('fence-conflict')
}

type Alarm = {
  readonly kind: string
  readonly peer: NodeId
  readonly spaceId: SpaceId
  readonly detail: string
}

async function alarm(context: Context, news: Alarm): Promise<void> {
  const { clock, random } = context
  await context.db
    .transaction()
    .execute(
      async (tx) => await insertSecurityEvent(tx, { id: newUuid(clock, random), at: clock.now(), ...news }),
    )
}

function recheck(context: Context, { subject, spaceId }: NewFence): number {
  // A fence on a group closes the threads behind it too, so all views of that user ask again.
  return subject === '*' ? context.live.recheck({ space: spaceId }) : context.live.recheck({ user: subject })
}

function receiptOf(
  context: Context,
  { host, node, n }: NewFence,
  counts: { readonly closed: number; readonly remaining: number },
): string {
  return signFenceReceipt(
    {
      v: 1,
      iss: node,
      aud: host,
      n,
      applied_at: context.clock.now(),
      live_closed: counts.closed,
      remaining: counts.remaining,
      backup_days: context.config.backupDays,
    },
    context.keys.signer,
  )
}

/** The fences that we issued to a node after a number, signed, for a node that may have missed some. */
export async function listFencesFor(
  context: Context,
  node: NodeId,
  after: number,
): Promise<{ fences: string[] }> {
  // Until it is known which were issued after the backup, none is the last (B2).
  if (context.mode.recovering) throw new Refusal('recovery-mode')
  const rows = await listFencesTo(context.db, context.node, node, { after, limit: limits.fencesPerPullMax })
  const fences: string[] = []
  for (const row of rows) fences.push(await signedFence(context, row))
  return { fences }
}
