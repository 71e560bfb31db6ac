import { type Head, noHash, readEntry } from '#federation/chain.ts'
import { checkpointKind, signReceipt } from '#federation/log-documents.ts'
import { type Incoming, receive, type Replica, type Verdict } from '#federation/replica.ts'
import { isStateType } from '#schema/event/types.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Batch, BatchAnswer } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { settleAccepted } from '#server/db/invites.ts'
import { alone } from '#server/db/open.ts'
import { hasTombstone } from '#server/db/purges.ts'
import { findSpace, loadStates, type SpaceRow, takingEpoch } from '#server/db/spaces.ts'
import { applyBatch } from '#server/log/apply.ts'
import { Refusal } from '#server/refusal.ts'
import { alarm } from '../alarm.ts'
import { gatherEvidence, type Gathered } from './evidence.ts'
import { confront } from '../truth/confront.ts'
import { takeCosignatures } from '../truth/cosignatures.ts'
import { findOffer, keepOffer } from '../truth/offers.ts'
import { comparePromises } from '../truth/promises.ts'
import { watchTimes } from '../truth/times.ts'
import { readCheckpoint } from '../truth/evidence.ts'
import { learnIdentities } from '../identities/identities.ts'
import { isWorthWaiting, waitNoMore } from './lagging.ts'
import { isBeginning, mayBegin, mayBeginAnew } from './participation.ts'
import { findMismatch } from '../invites/letters.ts'
import { expectSigned } from '../exchange/signed.ts'
import { withdraw } from '../invites/withdraw.ts'

// A batch of somebody else's log, pushed or pulled. It is checked and applied before it is answered, and the
// answer is our signed head: nothing is "accepted for later".

const comeAgainSeconds = 2
/** Our head where we have no copy, or none that counts. */
const nothing: Head = { epoch: 1, seq: 0, hash: noHash }

/** What a batch is about. `asked`: we asked for the space, so that it may begin here. */
type Addressed = { readonly space: SpaceId; readonly asked?: boolean | undefined }

/** Receives a batch from the host of a space. Answers with a receipt, or refuses with one for `gap` and `fork`. */
export async function receiveBatch(
  context: Context,
  host: NodeId,
  batch: Batch,
  { space, asked = false }: Addressed,
): Promise<BatchAnswer> {
  const incoming = readEntries(batch)
  const { payload: checkpoint } = await expectSigned(context, host, batch.checkpoint, checkpointKind)
  for (let attempt = 1; attempt <= 3; attempt++) {
    const { replica, frozen } = await openReplica(context, host, incoming, { space, asked })
    // What is frozen takes nothing, but is told when the host begins another epoch.
    if (frozen !== null && frozen !== takingEpoch && checkpoint.epoch <= replica.head.epoch)
      throw new Refusal('space-frozen')
    const head = replica.head.seq
    const evidence = await gatherEvidence(context, space, { incoming, proofs: batch.proofs, head })
    if (evidence.attested.length > 0 && isWorthWaiting(context, space)) {
      throw new Refusal('group-behind', { retryAfter: comeAgainSeconds })
    }
    const verdict = receive(replica, { entries: incoming, checkpoint }, evidence)
    const isStopped = frozen !== null && frozen !== takingEpoch
    // Nobody here reaches what we have, so nobody has to say what becomes of it.
    const isApart = (verdict.do === 'turn' || verdict.do === 'fetch') && verdict.turn !== undefined
    if (isApart && frozen === null && (await mayBeginAnew(context, host, space, asked)))
      throw new Refusal('gap', { receipt: receiptOf(context, host, space, nothing) })
    const turn = await findOffer(context, verdict, { space, frozen })
    if (turn && !(await hasMoved(context, replica)))
      await keepOffer(context, replica, { turn, jws: batch.checkpoint })
    if ((isStopped || turn) && verdict.do !== 'turn') throw new Refusal('space-frozen')
    if (verdict.do !== 'apply') {
      // The same entries may have come another way since we looked, and then they stand against nothing but themselves.
      const isGrave = verdict.do !== 'ignore' && verdict.do !== 'fetch' && verdict.do !== 'refuse'
      if (isGrave && (await hasMoved(context, replica))) continue
      if (verdict.do === 'fork') await convictHost(context, replica, { incoming, text: batch.checkpoint })
      return await answer(context, replica, { verdict, isOnTheWay: frozen !== null })
    }
    const mismatch = await findMismatch(context, host, verdict)
    if (mismatch !== undefined) {
      await withdraw(context, host, space, mismatch)
      throw new Refusal('roster-changed')
    }
    await learnIdentities(context, batch.statements ?? [])
    const applied = await applyBatch(context, context.log, {
      ...verdict,
      ...evidence,
      replica,
      checkpoint,
      checkpointJws: batch.checkpoint,
    })
    if (!applied) continue
    waitNoMore(context, space)
    takeCosignatures(context, space, batch.cosigs ?? [])
    // Nothing of this changes the answer, so the host does not wait for it.
    context.tasks.spawn('host watch', async () => {
      await comparePromises(context, space)
      await watchTimes(context, replica, verdict)
    })
    await settleJoined(context, space, verdict)
    // Who may see more than we hold follows from the state, and so does what others lean on.
    if (verdict.judged.some(({ event }) => isStateType(event.header.type))) context.wake.signal('histories')
    await reportFaults(context, replica, verdict, evidence)
    const isOnTheWay = frozen !== null && verdict.head.epoch === replica.head.epoch
    const receipt = receiptOf(context, host, space, { ...verdict.head, isOnTheWay })
    return { receipt, rejected: rejectedOf(verdict) }
  }
  throw new Refusal('busy', { detail: 'contention' })
}

/** Reads the entry texts of a batch. */
export function readEntries(batch: Batch): Incoming[] {
  return batch.entries.map(({ entry, event }) => {
    const read = readEntry(entry)
    if (!read.ok) throw new Refusal(read.code, { detail: 'entry' })
    return { entry: read.value, wire: event }
  })
}

/** Our copy of the space as it stands, or an empty one where the batch may begin one. */
async function openReplica(
  context: Context,
  host: NodeId,
  incoming: readonly Incoming[],
  { space, asked }: Addressed,
): Promise<{ replica: Replica; frozen: string | null }> {
  const row = await findSpace(context.db, space)
  if (!row) {
    if (isBeginning(space, incoming)) {
      if (!asked && !(await mayBegin(context, host, space, incoming)))
        await refuseUnasked(context, host, space)
      return { replica: { space, host, head: nothing, state: undefined }, frozen: null }
    }
    if (!(await mayBegin(context, host, space, incoming))) await refuseUnasked(context, host, space)
    // Our history of it begins later than its log: with a snapshot, which is ours to ask for.
    throw new Refusal('gap', { receipt: receiptOf(context, host, space, nothing) })
  }
  if (row.host !== host) throw new Refusal('not-host')
  if (row.purging) throw new Refusal('busy', { detail: 'purge-running' })
  const replica = { space, host, head: headOf(row), state: await stateOf(context, row) }
  return { replica, frozen: row.frozen }
}

/** What was purged here is refused as such, so that the host knows why (P7). */
async function refuseUnasked(context: Context, host: NodeId, space: SpaceId): Promise<never> {
  throw new Refusal((await hasTombstone(context.db, space, host)) ? 'space-purged' : 'not-participating')
}

/** Is our copy another one than that which was judged by? */
async function hasMoved(context: Context, { space, head }: Replica): Promise<boolean> {
  return ((await findSpace(context.db, space))?.headSeq ?? 0) !== head.seq
}

function headOf({ epoch, headSeq, headHash }: SpaceRow): Head {
  return { epoch, seq: headSeq, hash: headHash }
}

/** From memory when it is that of the head's row, else from the rows. The judging works on a copy. */
async function stateOf(context: Context, row: SpaceRow): Promise<Replica['state']> {
  const cached = context.log.states.get(row.id)
  if (cached && cached.stateSeq <= row.headSeq && cached.epoch === row.epoch) {
    const { stateSeq, stateHash } = await context.db
      .selectFrom('spaceState')
      .select(['stateSeq', 'stateHash'])
      .where('spaceId', '=', row.id)
      .executeTakeFirstOrThrow()
    if (cached.stateSeq === stateSeq && cached.stateHash === stateHash) return cached
  }
  return (await loadStates(context.db, [row.id])).get(row.id)
}

/** What contradicts our copy under the host's signature shows others too that there are two histories. */
async function convictHost(
  context: Context,
  { host, space }: Replica,
  { incoming, text }: { readonly incoming: readonly Incoming[]; readonly text: string },
): Promise<void> {
  const other = await readCheckpoint(context, host, text)
  const texts = new Map(incoming.map(({ entry }) => [entry.body.seq, entry.text]))
  if (other.ok) await confront(context, space, { other: other.value, texts })
}

type NotApplied = { readonly verdict: Exclude<Verdict, { do: 'apply' }>; readonly isOnTheWay: boolean }

async function answer(
  context: Context,
  replica: Replica,
  { verdict, isOnTheWay }: NotApplied,
): Promise<BatchAnswer> {
  const { host, space, head } = replica
  const receipt = receiptOf(context, host, space, { ...head, isOnTheWay })
  switch (verdict.do) {
    case 'ignore':
      return { receipt, rejected: [] }
    case 'fetch':
      throw new Refusal('gap', { receipt })
    case 'turn':
      throw new Refusal('fork', { receipt })
    case 'fork':
      await alarm(context, { kind: 'fork', peer: host, space, detail: `head ${head.seq}`, freeze: true })
      throw new Refusal('fork', { receipt })
    case 'freeze': {
      const detail = `${verdict.detail} at seq ${verdict.seq}: ${verdict.code}`
      await alarm(context, { kind: 'quarantine', peer: host, space, detail, freeze: head.seq > 0 })
      throw new Refusal('space-frozen', { detail: verdict.detail })
    }
    case 'refuse':
      throw new Refusal(verdict.code, { detail: verdict.detail })
  }
}

type Receipted = Head & {
  /** On the way to another epoch we are where others of this one are not, and give no word that we stay there (R16). */
  readonly isOnTheWay?: boolean
}

/** Our signed head. Every commit of ours waits for the disk (`db/open`), so what is applied is what is kept too (A10). */
function receiptOf(
  context: Context,
  host: NodeId,
  space: SpaceId,
  { epoch, seq, hash, isOnTheWay = false }: Receipted,
): string {
  const at = context.clock.now()
  const head = { epoch, seq, hash }
  return signReceipt(
    { v: 1, iss: context.node, aud: host, space, ...head, ...(isOnTheWay ? {} : { kept: head }), at },
    context.keys.signer,
  )
}

function rejectedOf(verdict: Applied): BatchAnswer['rejected'] {
  return verdict.judged.flatMap(({ entry, fault }) =>
    fault ? [{ seq: entry.body.seq, tier: fault.tier, slug: fault.code }] : [],
  )
}

type Applied = Verdict & { do: 'apply' }

/** What our users had accepted is joined, now that the log says so. */
async function settleJoined(context: Context, space: SpaceId, { judged, state }: Applied): Promise<void> {
  if (!judged.some(({ event }) => event.header.type === 'member.join')) return
  const ours = [...state.members.keys()].filter((user) => user.endsWith(`@${context.node}`))
  await settleAccepted(alone(context.db), space, ours)
}

async function reportFaults(
  context: Context,
  { host: peer, space }: Replica,
  { judged }: Applied,
  { contradicted }: Gathered,
): Promise<void> {
  for (const { entry, fault } of judged) {
    if (fault?.tier !== 'event') continue
    const detail = `event at seq ${entry.body.seq}: ${fault.code}`
    await alarm(context, { kind: 'unverified-event', peer, space, detail, freeze: false })
  }
  for (const group of new Set(contradicted)) {
    const detail = 'a thread leans on another history of this group'
    await alarm(context, { kind: 'fork', peer, space: group, detail, freeze: true })
    await alarm(context, { kind: 'fork', peer, space, detail, freeze: true })
  }
}
