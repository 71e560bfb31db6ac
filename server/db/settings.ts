import type { Selectable } from 'kysely'
import type { SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

/** Puts a setting of a space. The title also stands in the space's row, where lists read it. */
export async function putSetting(tx: Tx, setting: Selectable<Tables['setting']>): Promise<void> {
  await tx
    .insertInto('setting')
    .values(setting)
    .onConflict((conflict) =>
      conflict.columns(['spaceId', 'key']).doUpdateSet({ value: setting.value, seq: setting.seq }),
    )
    .execute()
  if (setting.key !== 'title') return
  await tx.updateTable('space').set({ title: setting.value }).where('id', '=', setting.spaceId).execute()
}

/** Which of the switches of a space are on: no newcomers and a fixed subject, no replies. */
export async function findSwitches(
  db: Db,
  space: SpaceId,
): Promise<{ readonly locked: boolean; readonly repliesOff: boolean }> {
  const rows = await db
    .selectFrom('setting')
    .select('key')
    .where('spaceId', '=', space)
    .where('key', 'in', ['locked', 'replies-off'])
    .where('value', '=', 'yes')
    .execute()
  const on = new Set(rows.map((row) => row.key))
  return { locked: on.has('locked'), repliesOff: on.has('replies-off') }
}
