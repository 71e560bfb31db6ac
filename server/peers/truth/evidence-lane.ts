import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { bringEvidence } from '#schema/wire/endpoints.ts'
import type { Evidence, EvidenceAnswer } from '#schema/wire/evidence.ts'
import type { Context } from '#server/context.ts'
import type { ControlMessage } from '#server/db/control-messages.ts'
import { findEvidence } from '#server/db/evidence.ts'
import { findSpace } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { type Sent, sentOf } from '../sent.ts'
import { keepEvidence, verifyEvidence } from './evidence.ts'
import { takesPart } from './heads.ts'

/** Brings evidence that we hold to another node that takes part. */
export async function sendEvidence(context: Context, message: ControlMessage): Promise<Sent> {
  const row = await findEvidence(context.db, message.subject as Hash)
  if (!row) return { do: 'finish', outcome: 'unknown' }
  const entries = JSON.parse(row.entries) as string[]
  const answer = await callPeer(context, message.node, {
    contract: bringEvidence,
    params: { space: row.spaceId },
    body: { a: row.a, b: row.b, ...(entries.length > 0 ? { entries } : {}) },
    space: row.spaceId,
  })
  return sentOf(answer)
}

/**
 * Evidence that another node brings. It counts for what it shows, whoever brings it; but to who neither takes part in
 * the space nor shows that it has a checkpoint of its host, the space is one that does not exist (O4).
 */
export async function receiveEvidence(
  context: Context,
  node: NodeId,
  space: SpaceId,
  evidence: Evidence,
): Promise<EvidenceAnswer> {
  const row = await findSpace(context.db, space)
  if (!row) throw new Refusal('not-visible')
  const verified = await verifyEvidence(context, { host: row.host, space }, evidence)
  if (!verified.ok) {
    if (!(await takesPart(context, node, row))) throw new Refusal('not-visible')
    throw new Refusal(verified.code, { detail: verified.detail ?? 'evidence' })
  }
  await keepEvidence(context, verified.value, evidence, { foundBy: node })
  return { status: 'noted' }
}
