import { checkpointKind } from '#federation/log-documents.ts'
import { readSnapshot } from '#federation/snapshot.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { getSnapshot } from '#schema/wire/endpoints.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import type { Snapshot, SnapshotHead } from '#schema/wire/snapshot.ts'
import type { Context } from '#server/context.ts'
import { installCopy, type Replaced } from '#server/log/install.ts'
import { callPeer } from '../exchange/call.ts'
import { learnIdentities } from '../identities/identities.ts'
import { readSigned } from '../exchange/signed.ts'
import { readGenesisProof } from './genesis.ts'
import { withdraw } from '../invites/withdraw.ts'

type Beginning = {
  readonly host: NodeId
  readonly space: SpaceId
  /** The copy that it takes the place of. */
  readonly replaced: Replaced | undefined
}

/**
 * Begins a copy of a log with a snapshot: all of it is here and checked before anything is stored. True when the copy
 * is there, so that the log can be pulled from its base on.
 */
export async function takeSnapshot(context: Context, { host, space, replaced }: Beginning): Promise<boolean> {
  const first = await fetchPart(context, host, space, { part: 0 })
  const head = first?.head
  if (!head) return false
  const signed = await readCheckpoints(context, host, head)
  if (!signed) {
    await withdraw(context, host, space, 'the snapshot is not signed by the host')
    return false
  }
  const proof = await readGenesisProof(context, host, head.genesis)
  if (!proof.ok) return false
  const parts = [first]
  for (let part = 1; part < head.parts; part++) {
    if (context.tasks.signal.aborted) return false
    const next = await fetchPart(context, host, space, { part, at: signed.checkpoint.seq })
    if (!next) return false
    parts.push(next)
  }
  const read = readSnapshot({ space, host, head, parts, ...signed, proof: proof.value })
  if (!read.ok) {
    await withdraw(context, host, space, `the snapshot is not valid: ${read.code}, ${read.detail ?? ''}`)
    return false
  }
  for (const part of parts) await learnIdentities(context, part.statements)
  const checkpointJws = head.checkpoint
  return await installCopy(context, context.log, space, { ...read.value, checkpointJws, replaced })
}

async function fetchPart(
  context: Context,
  host: NodeId,
  space: SpaceId,
  query: { readonly part: number; readonly at?: number },
): Promise<Snapshot | undefined> {
  const answer = await callPeer(context, host, { contract: getSnapshot, params: { space }, query, space })
  return answer.ok ? answer.value : undefined
}

async function readCheckpoints(
  context: Context,
  host: NodeId,
  head: SnapshotHead,
): Promise<{ first: Checkpoint; checkpoint: Checkpoint } | undefined> {
  const first = await readSigned(context, host, head.genesis.checkpoint, checkpointKind)
  const checkpoint = await readSigned(context, host, head.checkpoint, checkpointKind)
  if (!first.ok || !checkpoint.ok) return undefined
  return { first: first.value.payload, checkpoint: checkpoint.value.payload }
}
