import type { Selectable } from 'kysely'
import type { Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type CheckpointRow = Selectable<Tables['checkpoint']>

/** Keeps the newest checkpoint of a space; an older one changes nothing. */
export async function putCheckpoint(tx: Tx, row: CheckpointRow): Promise<void> {
  await tx
    .insertInto('checkpoint')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('spaceId')
        .doUpdateSet({ epoch: row.epoch, seq: row.seq, hash: row.hash, jws: row.jws })
        .where('checkpoint.seq', '<', row.seq),
    )
    .execute()
}
