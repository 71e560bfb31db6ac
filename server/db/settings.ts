import type { Selectable } from 'kysely'
import type { Tx } from './open.ts'
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
