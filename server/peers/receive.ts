import { type Head, noHash, readEntry } from '#federation/chain.ts'
import { checkpointKind, signReceipt } from '#federation/log-documents.ts'
import { type Incoming, receive, type Replica, type Verdict } from '#federation/replica.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Batch, BatchAnswer } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { settleAccepted } from '#server/db/invites.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
import { findSpace, freezeSpace, loadStates, type SpaceRow } from '#server/db/spaces.ts'
import { applyBatch } from '#server/log/apply.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { gatherEvidence, type Gathered } from './evidence.ts'
import { learnIdentities } from './identities.ts'
import { mayBegin } from './participation.ts'
import { expectSigned } from './signed.ts'

// A batch of somebody else's log, pushed or pulled. It is checked and applied before it is answered, and the
// answer is our signed head: nothing is "accepted for later".

/** Receives a batch from the host of a space. Answers with a receipt, or refuses with one for `gap` and `fork`. */
export async function receiveBatch(
  context: Context,
  host: NodeId,
  space: SpaceId,
  batch: Batch,
): Promise<BatchAnswer> {
  const incoming = readEntries(batch)
  const { payload: checkpoint } = await expectSigned(context, host, batch.checkpoint, checkpointKind)
  for (let attempt = 1; attempt <= 3; attempt++) {
    const replica = await openReplica(context, host, space, incoming)
    const head = replica.head.seq
    const evidence = await gatherEvidence(context, space, { incoming, proofs: batch.proofs, head })
    const verdict = receive(replica, { entries: incoming, checkpoint }, evidence)
    if (verdict.do !== 'apply') return await answer(context, replica, verdict)
    await learnIdentities(context, batch.statements ?? [])
    const applied = await applyBatch(context, context.log, {
      ...verdict,
      ...evidence,
      replica,
      checkpoint,
      checkpointJws: batch.checkpoint,
    })
    if (!applied) continue
    await settleJoined(context, space, verdict)
    await reportFaults(context, replica, verdict, evidence)
    return { receipt: receiptOf(context, host, space, verdict.head), rejected: rejectedOf(verdict) }
  }
  throw new Refusal('busy', { detail: 'contention' })
}

function readEntries(batch: Batch): Incoming[] {
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
  space: SpaceId,
  incoming: readonly Incoming[],
): Promise<Replica> {
  const row = await findSpace(context.db, space)
  if (!row) {
    if (!(await mayBegin(context, host, space, incoming))) throw new Refusal('not-participating')
    return { space, host, head: { epoch: 1, seq: 0, hash: noHash }, state: undefined }
  }
  if (row.host !== host) throw new Refusal('not-host')
  if (row.frozen) throw new Refusal('space-frozen')
  return { space, host, head: headOf(row), state: await stateOf(context, row) }
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

async function answer(
  context: Context,
  replica: Replica,
  verdict: Exclude<Verdict, { do: 'apply' }>,
): Promise<BatchAnswer> {
  const { host, space, head } = replica
  const receipt = receiptOf(context, host, space, head)
  switch (verdict.do) {
    case 'ignore':
      return { receipt, rejected: [] }
    case 'fetch':
      throw new Refusal('gap', { receipt })
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

/** Our signed head. With `synchronous_commit` on, what is applied is on disk, so it is what is kept too (A10). */
export function receiptOf(context: Context, host: NodeId, space: SpaceId, head: Head): string {
  const { epoch, seq, hash } = head
  const at = context.clock.now()
  return signReceipt(
    { v: 1, iss: context.node, aud: host, space, epoch, seq, hash, kept: { epoch, seq, hash }, at },
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
  await context.db.transaction().execute(async (tx) => await settleAccepted(tx, space, ours))
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

type Alarm = {
  readonly kind: string
  readonly peer: NodeId
  readonly space: SpaceId
  readonly detail: string
  readonly freeze: boolean
}

async function alarm(context: Context, { kind, peer, space, detail, freeze }: Alarm): Promise<void> {
  context.logger.error({ kind, peer, space, detail }, 'A log of another node is not what it should be.')
  await context.db.transaction().execute(async (tx) => {
    if (freeze) await freezeSpace(tx, space, kind)
    await insertSecurityEvent(tx, {
      id: newUuid(context.clock, context.random),
      at: context.clock.now(),
      kind,
      peer,
      spaceId: space,
      detail,
    })
  })
}
