import type { Selectable } from 'kysely'
import type { SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
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
        .where((eb) =>
          eb.or([
            eb('checkpoint.epoch', '<', row.epoch),
            eb.and([eb('checkpoint.epoch', '=', row.epoch), eb('checkpoint.seq', '<', row.seq)]),
          ]),
        ),
    )
    .execute()
}

/** The newest checkpoint that we hold of a log, as its host signed it. */
export async function findCheckpoint(db: Db, space: SpaceId): Promise<string | undefined> {
  const row = await db.selectFrom('checkpoint').select('jws').where('spaceId', '=', space).executeTakeFirst()
  return row?.jws
}
