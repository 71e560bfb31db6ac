import type { Selectable } from 'kysely'
import type { SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// What an operator has decided on the command line about branches, and what came of it.

export type BranchWish = Selectable<Tables['branchWish']>

/** A newer wish takes the place of the one before. */
export async function putBranchWish(tx: Tx, wish: Omit<BranchWish, 'doneAt' | 'outcome'>): Promise<void> {
  const row = { ...wish, doneAt: null, outcome: null }
  await tx
    .insertInto('branchWish')
    .values(row)
    .onConflict((conflict) => conflict.column('spaceId').doUpdateSet(row))
    .execute()
}

export async function listOpenWishes(db: Db): Promise<BranchWish[]> {
  return await db
    .selectFrom('branchWish')
    .selectAll()
    .where('doneAt', 'is', null)
    .orderBy('askedAt')
    .execute()
}

export async function findBranchWish(db: Db, space: SpaceId): Promise<BranchWish | undefined> {
  return await db.selectFrom('branchWish').selectAll().where('spaceId', '=', space).executeTakeFirst()
}

/** It was done, or refused: it is not tried again. */
export async function closeWish(
  tx: Tx,
  { spaceId, askedAt }: BranchWish,
  what: { readonly doneAt: number; readonly outcome: string },
): Promise<void> {
  await tx
    .updateTable('branchWish')
    .set(what)
    .where('spaceId', '=', spaceId)
    .where('askedAt', '=', askedAt)
    .where('doneAt', 'is', null)
    .execute()
}
