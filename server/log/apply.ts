import type { Checkpoint } from '#schema/wire/log.ts'
import { type AttestedRow, insertAttested } from '#server/db/attested.ts'
import { putCheckpoint } from '#server/db/checkpoints.ts'
import { insertEntries, insertProof, type NewEntry } from '#server/db/entries.ts'
import type { Tx } from '#server/db/open.ts'
import { takePending } from '#server/db/pending.ts'
import { settleOffered } from '#server/db/epochs.ts'
import { holdSpaces, takingEpoch } from '#server/db/spaces.ts'
import { runEffects } from './effects/run.ts'
import type { Placed } from './intent.ts'
import { headBehind, placedOf, type Taking } from './judged.ts'
import type { Log, LogPorts } from './ports.ts'
import { rowOf } from './rows.ts'
import { beginSpace } from './space.ts'

// The follower's half of the log: what `federation/replica.ts` has judged goes into the same tables, with the
// same effects, in one transaction per batch. No rule is asked here again.

export type Applying = Taking & {
  readonly checkpoint: Checkpoint
  readonly checkpointJws: string
  /** What was taken on the host's word until a group has come so far. */
  readonly attested: readonly AttestedRow[]
}

/** False when our head has moved meanwhile: somebody else applied a batch, and the caller judges again. */
export async function applyBatch(ports: LogPorts, log: Log, applying: Applying): Promise<boolean> {
  const { replica, state, checkpoint, checkpointJws } = applying
  const { space } = replica
  const placed = placedOf(applying)
  const applied = await ports.db.transaction().execute(async (tx) => {
    const [row] = await holdSpaces(tx, [space])
    if ((row?.headHash ?? replica.head.hash) !== replica.head.hash) return false
    if ((row?.frozen && row.frozen !== takingEpoch) || row?.purging) return false
    // Purged since it was judged: what follows it begins nothing.
    if (!row && replica.head.seq > 0) return false
    if (!row && !(await beginSpace(tx, placed[0]!))) return false
    const rows = await rowsOf(tx, ports, applying, placed)
    await insertEntries(tx, rows, [headBehind(applying, placed)])
    for (const [hash, jws] of applying.proofs) await insertProof(tx, { spaceId: space, hash, jws })
    await insertAttested(tx, applying.attested)
    await runEffects(tx, placed, ports, false)
    const { epoch, hash } = checkpoint
    if (row?.frozen && epoch > row.epoch) await settleOffered(tx, space)
    await putCheckpoint(tx, { spaceId: space, epoch, seq: checkpoint.seq, hash, jws: checkpointJws })
    return true
  })
  if (!applied) {
    log.states.drop(space)
    return false
  }
  log.states.put(state)
  log.committed(space, placed)
  return true
}

/** The rows, with the idempotency keys of our own users' events: their pending rows end in this transaction (A22). */
async function rowsOf(
  tx: Tx,
  ports: LogPorts,
  { judged, proofOf }: Applying,
  placed: readonly Placed[],
): Promise<NewEntry[]> {
  const ours = judged.filter(({ event }) => event.header.origin === ports.node)
  const ids = ours.map(({ event }) => event.header.id)
  const asked = new Map((await takePending(tx, ids)).map((row) => [row.eventId, row]))
  return placed.map((entry, i) => {
    const { event } = judged[i]!
    const request = asked.get(event.header.id)
    return rowOf(entry, {
      proofHash: proofOf(event.hash) ?? null,
      idempotencyKey: request?.idempotencyKey ?? null,
      requestHash: request?.requestHash ?? null,
    })
  })
}
