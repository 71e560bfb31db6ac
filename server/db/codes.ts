import type { Insertable, Selectable } from 'kysely'
import type { Email } from '#schema/email.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

/** The codes by which people show that an address is theirs. */

export type CodeRow = Selectable<Tables['code']>

export async function insertCode(tx: Tx, code: Insertable<Tables['code']>): Promise<void> {
  await tx.insertInto('code').values(code).execute()
}

/** How many codes were mailed to an address since then. */
export async function countMailedCodes(db: Db, email: Email, since: number): Promise<number> {
  const { count } = await db
    .selectFrom('code')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('email', '=', email)
    .where('isMailed', '=', true)
    .where('createdAt', '>', since)
    .executeTakeFirstOrThrow()
  return count
}

/** Uses up one attempt at a code; undefined when there is none left. Two attempts at once are two. */
export async function takeAttempt(
  tx: Tx,
  challengeHash: string,
  { now, attemptsMax }: { readonly now: number; readonly attemptsMax: number },
): Promise<CodeRow | undefined> {
  return await tx
    .updateTable('code')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('challengeHash', '=', challengeHash)
    .where('expiresAt', '>', now)
    .where('attempts', '<', attemptsMax)
    .returningAll()
    .executeTakeFirst()
}

/** False when it was used up meanwhile. The row stays, since it counts for how many were mailed. */
export async function useCode(tx: Tx, challengeHash: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('code')
    .set({ expiresAt: now })
    .where('challengeHash', '=', challengeHash)
    .where('expiresAt', '>', now)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function deleteCodesBefore(tx: Tx, createdAt: number): Promise<void> {
  await tx.deleteFrom('code').where('createdAt', '<=', createdAt).execute()
}
