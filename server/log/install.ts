import type { SnapshotRead } from '#federation/snapshot.ts'
import { digestState } from '#federation/state.ts'
import type { SpaceId } from '#schema/ids.ts'
import { putCheckpoint } from '#server/db/checkpoints.ts'
import { deleteCopy, insertState } from '#server/db/copies.ts'
import { layAside, takeAside } from '#server/db/cuts.ts'
import { insertEntries } from '#server/db/entries.ts'
import type { Tx } from '#server/db/open.ts'
import { holdSpaces, insertSpace, type SpaceRow } from '#server/db/spaces.ts'
import type { Log, LogPorts } from './ports.ts'
import { rowOf } from './rows.ts'

/** A copy that another one takes the place of. */
export type Replaced = Pick<SpaceRow, 'headHash'> & {
  /** Whether it is of another branch. */
  readonly isApart: boolean
}

export type Installing = SnapshotRead & {
  readonly checkpointJws: string
  readonly replaced: Replaced | undefined
}

/**
 * Begins our copy of a log behind its base; what comes next is applied as ever. A copy from a membership that has
 * ended is forgotten first: between it and the base are entries that are not ours to have. What is of another branch, or
 * may be since an epoch has begun meanwhile, is put aside (L14). False when somebody else was faster.
 */
export async function installCopy(
  ports: LogPorts,
  log: Log,
  space: SpaceId,
  installing: Installing,
): Promise<boolean> {
  const { beginning, state, base, checkpointJws, replaced } = installing
  const { event, entry } = beginning
  const installed = await ports.db.transaction().execute(async (tx) => {
    const [held] = await holdSpaces(tx, [space])
    if (held?.headHash !== replaced?.headHash || held?.purging) return false
    const isKept = held && (replaced?.isApart || held.epoch < base.epoch)
    if (isKept) await takeAside(tx, space, ports.clock.now())
    if (held) await deleteCopy(tx, space)
    if (!(await insertRows(tx, space, { ...installing, cuts: held ? held.cuts + 1 : 0 }))) return false
    if (isKept) await layAside(tx)
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
  if (replaced) ports.live.recheck({ space })
  return installed
}

type Rows = Pick<Installing, 'beginning' | 'state' | 'base'> & { readonly cuts: number }

async function insertRows(tx: Tx, space: SpaceId, { beginning, state, base, cuts }: Rows): Promise<boolean> {
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
      cuts,
      baseSeq: base.seq,
      baseHash: base.hash,
      snapshotSeq: base.seq,
      threadsListedAt: null,
    },
    { spaceId: space, stateSeq: state.stateSeq, stateHash: state.stateHash, digest: digestState(state) },
  )
}
