import type { Selectable } from 'kysely'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type HoldRow = Selectable<Tables['legalHold']>

export async function listHolds(db: Db): Promise<HoldRow[]> {
  return await db.selectFrom('legalHold').selectAll().orderBy('placedAt').orderBy('scope').execute()
}

/** Places a hold, or finds the one that is there. */
export async function putHold(tx: Tx, hold: HoldRow): Promise<HoldRow> {
  await tx
    .insertInto('legalHold')
    .values(hold)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return await tx
    .selectFrom('legalHold')
    .selectAll()
    .where('scope', '=', hold.scope)
    .executeTakeFirstOrThrow()
}

export async function deleteHold(tx: Tx, scope: HoldRow['scope']): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('legalHold')
    .where('scope', '=', scope)
    .executeTakeFirstOrThrow()
  return numDeletedRows !== 0n
}
