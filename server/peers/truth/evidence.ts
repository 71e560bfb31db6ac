import { convict, type Conviction, hashEvidence } from '#federation/conviction.ts'
import { readDocument } from '#federation/document.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import { accept, type Outcome, refuse } from '#federation/outcome.ts'
import { hashOfJws, verifyJws } from '#federation/strict-jws.ts'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Evidence } from '#schema/wire/evidence.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import { findEvidence, insertEvidence } from '#server/db/evidence.ts'
import { findSpace, listNodesOf } from '#server/db/spaces.ts'
import { newUuid } from '#server/ports/random.ts'
import { raise } from '../alarm.ts'
import { peerKey } from '../discovery/discover.ts'
import { knownKey } from '../discovery/past-keys.ts'

// What becomes of evidence, wherever it comes from: found here, or brought by another node. It is verified whole; then
// the space stops here, administrators see both checkpoints, and everybody who takes part is told.

/** A checkpoint that its host has signed, whenever that was. */
export type SignedCheckpoint = {
  readonly payload: Checkpoint
  readonly hash: Hash
  readonly text: string
  /** A recovery has replaced its key, so that it may be somebody else's word. */
  readonly inDoubt: boolean
}

/** Reads a checkpoint of a host by any key that it ever had: evidence does not lapse with a rotation (A4). */
export async function readCheckpoint(
  context: Context,
  host: NodeId,
  text: string,
): Promise<Outcome<SignedCheckpoint>> {
  const document = readDocument(text, checkpointKind)
  if (!document.ok) return document
  const { jws, payload } = document.value
  if (payload.iss !== host) return refuse('not-host', 'iss')
  const key = await peerKey(context, host, jws.header.kid, 'ever')
  if (!key.ok) return key
  const verified = verifyJws(jws, key.value)
  if (!verified.ok) return verified
  const past = await knownKey(context, host, jws.header.kid)
  const inDoubt = past.ok && past.value.compromisedSince !== undefined
  return accept({ payload, hash: hashOfJws(jws), text, inDoubt })
}

/** Do both checkpoints hold, and do they convict the host? */
export async function verifyEvidence(
  context: Context,
  about: { readonly host: NodeId; readonly space: SpaceId },
  { a, b, entries }: Evidence,
): Promise<Outcome<{ conviction: Conviction; hash: Hash }>> {
  const first = await readCheckpoint(context, about.host, a)
  if (!first.ok) return first
  const second = await readCheckpoint(context, about.host, b)
  if (!second.ok) return second
  // Whoever had the key could sign both, and write any time into them (O9).
  if (first.value.inDoubt || second.value.inDoubt) return refuse('no-conflict', 'key-in-doubt')
  const convicted = convict(first.value.payload, second.value.payload, entries)
  if (!convicted.ok) return convicted
  if (convicted.value.space !== about.space) return refuse('no-conflict', 'about')
  return accept({
    conviction: convicted.value,
    hash: hashEvidence(first.value.hash, second.value.hash),
  })
}

/** Takes evidence in that was verified: once, and no more of it about one space than says something new. */
export async function keepEvidence(
  context: Context,
  { conviction, hash }: { readonly conviction: Conviction; readonly hash: Hash },
  evidence: Evidence,
  { foundBy }: { readonly foundBy: NodeId },
): Promise<void> {
  const { host, space, seq } = conviction
  if (await findEvidence(context.db, hash)) return
  const now = context.clock.now()
  const isNew = await context.db.transaction().execute(async (tx) => {
    const detail = `two histories from seq ${seq} on, shown by ${foundBy}`
    const eventId = newUuid(context.clock, context.random)
    const entries = JSON.stringify(evidence.entries ?? [])
    const row = { hash, spaceId: space, host, seq, a: evidence.a, b: evidence.b, entries, at: now, eventId }
    if (!(await insertEvidence(tx, row, limits.evidencePerSpaceMax))) return false
    // Where the log is in a later epoch already it has been decided which branch goes on (O12).
    const isOpen = ((await findSpace(tx, space))?.epoch ?? 0) <= conviction.epoch
    await raise(context, tx, { kind: 'equivocation', peer: host, space, detail, freeze: isOpen }, eventId)
    // The host too: it may be an honest one that was restored from a backup.
    const others = new Set([host, ...((await listNodesOf(tx, [space])).get(space) ?? [])])
    for (const node of [...others].filter((one) => one !== context.node && one !== foundBy)) {
      const id = newUuid(context.clock, context.random)
      await insertControlMessage(tx, {
        id,
        node,
        kind: 'evidence',
        subject: hash,
        body: '',
        createdAt: now,
      })
    }
    return true
  })
  if (!isNew) return
  context.logger.error({ peer: host, space, seq, foundBy }, 'A host has signed two histories of one space.')
  context.wake.signal('control')
}
