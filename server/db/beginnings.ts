import type { Selectable } from 'kysely'
import type { Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type BeginningRow = Selectable<Tables['beginning']>

/** Stores a genesis under its idempotency key, and returns the one that is there first. */
export async function storeOnce(tx: Tx, row: BeginningRow): Promise<BeginningRow> {
  await tx
    .insertInto('beginning')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return await tx
    .selectFrom('beginning')
    .selectAll()
    .where('sender', '=', row.sender)
    .where('idempotencyKey', '=', row.idempotencyKey)
    .executeTakeFirstOrThrow()
}
