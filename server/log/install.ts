import type { SnapshotRead } from '#federation/snapshot.ts'
import { digestState } from '#federation/state.ts'
import type { SpaceId } from '#schema/ids.ts'
import { putCheckpoint } from '#server/db/checkpoints.ts'
import { deleteCopy, insertState } from '#server/db/copies.ts'
import { insertEntries } from '#server/db/entries.ts'
import type { Tx } from '#server/db/open.ts'
import { holdSpaces, insertSpace } from '#server/db/spaces.ts'
import type { Log, LogPorts } from './ports.ts'
import { rowOf } from './rows.ts'

export type Installing = SnapshotRead & { readonly checkpointJws: string }

/**
 * Begins our copy of a log behind its base; what comes next is applied as ever. A copy from a membership that has
 * ended is forgotten first: between it and the base are entries that are not ours to have. False when somebody else
 * was faster.
 */
export async function installCopy(
  ports: LogPorts,
  log: Log,
  space: SpaceId,
  { beginning, state, base, checkpointJws }: Installing,
): Promise<boolean> {
  const { event, entry } = beginning
  const installed = await ports.db.transaction().execute(async (tx) => {
    const [held] = await holdSpaces(tx, [space])
    if (held && (held.purging || held.headSeq >= base.seq)) return false
    if (held) await deleteCopy(tx, space)
    if (!(await insertRows(tx, space, { beginning, state, base, checkpointJws }))) return false
    const first = {
      space,
      entry,
      event,
      digest: digestState(beginning.state),
      standing: 'verified',
      disputed: false,
    } as const
    await insertEntries(tx, [rowOf(first, { proofHash: null, idempotencyKey: null, requestHash: null })], [])
    await insertState(tx, state)
    const { epoch, seq, hash } = base
    await putCheckpoint(tx, { spaceId: space, epoch, seq, hash, jws: checkpointJws })
    return true
  })
  if (installed) log.states.put(state)
  else log.states.drop(space)
  return installed
}

async function insertRows(tx: Tx, space: SpaceId, { beginning, state, base }: Installing): Promise<boolean> {
  const { at } = beginning.entry.body
  return await insertSpace(
    tx,
    {
      id: space,
      kind: state.kind,
      host: state.host,
      epoch: base.epoch,
      starter: state.starter,
      title: state.settings.get('title') ?? null,
      headSeq: base.seq,
      headHash: base.hash,
      headAt: at,
      createdAt: at,
      frozen: null,
      purging: false,
      withheld: false,
      cuts: 0,
      baseSeq: base.seq,
      baseHash: base.hash,
      snapshotSeq: base.seq,
      threadsListedAt: null,
    },
    { spaceId: space, stateSeq: state.stateSeq, stateHash: state.stateHash, digest: digestState(state) },
  )
}
