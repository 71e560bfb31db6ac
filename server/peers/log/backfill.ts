import { checkpointKind } from '#federation/log-documents.ts'
import { judgePast } from '#federation/past.ts'
import type { NodeId } from '#schema/ids.ts'
import { pullEntries } from '#schema/wire/endpoints.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { listWanting, type Wanting } from '#server/db/copies.ts'
import { findEntryHash } from '#server/db/entries.ts'
import { applyPast } from '#server/log/apply-past.ts'
import { Refusal } from '#server/refusal.ts'
import { alarm } from '../alarm.ts'
import { callPeer } from '../exchange/call.ts'
import { gatherEvidence } from './evidence.ts'
import { confront } from '../truth/confront.ts'
import { readCheckpoint } from '../truth/evidence.ts'
import { learnIdentities } from '../identities/identities.ts'
import { readEntries } from './receive.ts'
import { readSigned } from '../exchange/signed.ts'

// When somebody here may see more of a space than our copy holds, what is missing is fetched backwards from its base,
// page by page. What is wanted is read from the windows each time, so a crash between pages loses nothing.

/** Fetches what is missing of one copy. False when the host did not give it. */
export async function backfill(context: Context, { id: space, host }: Wanting): Promise<boolean> {
  while (!context.tasks.signal.aborted) {
    const [wanting] = await listWanting(context.db, context.node, space)
    if (!wanting) return true
    const answer = await callPeer(context, host, {
      contract: pullEntries,
      params: { space },
      query: { after: wanting.fromSeq - 1, before: wanting.baseSeq + 1 },
      space,
    })
    if (!answer.ok || !(await receivePast(context, host, wanting, answer.value))) return false
  }
  return false
}

async function receivePast(context: Context, host: NodeId, wanting: Wanting, batch: Batch): Promise<boolean> {
  const { id: space, epoch, baseSeq: seq, baseHash: hash } = wanting
  const incoming = readEntries(batch)
  const checkpoint = await readSigned(context, host, batch.checkpoint, checkpointKind)
  if (!checkpoint.ok) return false
  const evidence = await gatherEvidence(context, space, { incoming, proofs: batch.proofs, head: seq })
  const genesis = await findEntryHash(context.db, space, 1)
  if (genesis === undefined) throw new Error('A copy has no genesis.')
  const judged = judgePast(
    { space, host, base: { epoch, seq, hash }, genesis },
    { entries: incoming, checkpoint: checkpoint.value.payload },
    evidence,
  )
  if (!judged.ok) {
    const freeze = judged.code === 'fork'
    const detail = `entries before seq ${seq + 1}: ${judged.code}, ${judged.detail ?? ''}`
    if (freeze) {
      const other = await readCheckpoint(context, host, batch.checkpoint)
      if (other.ok) await confront(context, space, { other: other.value })
    }
    await alarm(context, { kind: freeze ? 'fork' : 'bad-past', peer: host, space, detail, freeze })
    return false
  }
  await learnIdentities(context, batch.statements ?? [])
  await applyPast(context, { space, base: { seq, hash }, judged: judged.value, ...evidence })
  for (const { entry, fault } of judged.value) {
    if (fault?.tier !== 'event') continue
    const detail = `event at seq ${entry.body.seq}: ${fault.code}`
    await alarm(context, { kind: 'unverified-event', peer: host, space, detail, freeze: false })
  }
  return true
}

/** The same, where a key that cannot be looked up now only means that it is tried again. */
export async function tryBackfill(context: Context, wanting: Wanting): Promise<boolean> {
  try {
    return await backfill(context, wanting)
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}
