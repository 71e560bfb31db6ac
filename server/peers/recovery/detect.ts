import type { NodeId } from '#schema/ids.ts'
import {
  findPlace,
  holdIncarnation,
  type IncarnationRow,
  listHolders,
  putIncarnation,
} from '#server/db/incarnation.ts'
import type { Db } from '#server/db/open.ts'
import { beginRecovery } from '#server/db/recovery.ts'
import type { Clock } from '#server/ports/clock.ts'
import type { Mark, MarkFile } from '#server/ports/mark-file.ts'
import type { Mode, RestoreReason } from '#server/ports/mode.ts'
import { type Random, token } from '#server/ports/random.ts'

// Is this database the one that this node has always had, and none that was put back (SPEC B1)? Asked at the start,
// before anything is signed, and again whenever a mark is set.
//
// A mark is written after the commit that it is about, so after a crash it is behind the database or with it, never
// ahead: an alarm is never a false one.

export type DetectPorts = {
  readonly node: NodeId
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly mark: MarkFile
}

/** Compares the database with its mark, begins a recovery where they differ, and sets the mark. */
export async function detect(ports: DetectPorts): Promise<Mode> {
  const mark = ports.mark.read()
  const found = await ports.db.transaction().execute(async (tx) => {
    const before = await holdIncarnation(tx)
    const place = await findPlace(tx)
    const reason = reasonOf(before, place, mark)
    // Where nobody can hold anything of ours, nothing can have been said that is not here.
    const nodes = [...new Set([...(mark?.nodes ?? []), ...(await listHolders(tx, ports.node))])].toSorted()
    const isGrave = reason !== undefined && nodes.length > 0
    const row: IncarnationRow = {
      one: true,
      recoveringSince: before?.recoveringSince ?? null,
      reason: before?.reason ?? null,
      id: before && reason === undefined ? before.id : token(ports.random, 16),
      // New at every start, so that no copy has it.
      probe: token(ports.random, 32),
      ...(isGrave ? { recoveringSince: ports.clock.now(), reason } : {}),
      place,
      tick: Math.max(before?.tick ?? 0, mark?.tick ?? 0) + 1,
    }
    await putIncarnation(tx, row)
    if (isGrave) await beginRecovery(tx, ports.node, nodes)
    return { row, nodes }
  })
  const { row, nodes } = found
  ports.mark.write({ v: 1, incarnation: row.id, tick: row.tick, nodes })
  return modeOf(row)
}

/** What the database says of how the node is. */
export function modeOf({ id, tick, reason, recoveringSince }: IncarnationRow): Mode {
  const recovering =
    reason === null || recoveringSince === null ? undefined : { reason, since: recoveringSince }
  return { recovering, incarnation: id, tick }
}

function reasonOf(
  row: IncarnationRow | undefined,
  place: string,
  mark: Mark | undefined,
): RestoreReason | undefined {
  // The first start, or the first of this version on a database that has no mark yet.
  if (!row) return mark && 'database-behind'
  // At tick 1 the first start was cut off before it could set its mark.
  if (!mark) return row.tick === 1 ? undefined : 'mark-missing'
  if (mark.tick > row.tick) return 'database-behind'
  if (mark.incarnation !== row.id) return 'mark-differs'
  return row.place === place ? undefined : 'database-moved'
}
