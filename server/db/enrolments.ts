import type { UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

/** The one-time links by which people get an account. */

export async function insertEnrolment(tx: Tx, enrolment: Tables['enrolment']): Promise<void> {
  await tx.insertInto('enrolment').values(enrolment).execute()
}

/** Is it good at this moment? Only `useEnrolment` decides. */
export async function isEnrolmentOpen(db: Db, tokenHash: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('enrolment')
    .select('role')
    .where('tokenHash', '=', tokenHash)
    .where('usedBy', 'is', null)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return row !== undefined
}

/** Uses it up, and returns what it gives. The update locks the row, so of two at once one finds it used. */
export async function useEnrolment(
  tx: Tx,
  use: { readonly tokenHash: string; readonly usedBy: UserId; readonly now: number },
): Promise<Pick<Tables['enrolment'], 'role' | 'email'> | undefined> {
  return await tx
    .updateTable('enrolment')
    .set({ usedBy: use.usedBy })
    .where('tokenHash', '=', use.tokenHash)
    .where('usedBy', 'is', null)
    .where('expiresAt', '>', use.now)
    .returning(['role', 'email'])
    .executeTakeFirst()
}

/** Takes back the links for an owner that nobody used. */
export async function deleteOpenOwnerEnrolments(tx: Tx): Promise<void> {
  await tx.deleteFrom('enrolment').where('role', '=', 'owner').where('usedBy', 'is', null).execute()
}
