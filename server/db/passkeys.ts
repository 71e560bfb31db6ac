import type { Selectable } from 'kysely'
import type { UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type PasskeyRow = Selectable<Tables['passkey']>

export async function findPasskey(db: Db, id: string): Promise<PasskeyRow | undefined> {
  return await db.selectFrom('passkey').selectAll().where('id', '=', id).executeTakeFirst()
}

/** There are ten at most. */
export async function listPasskeys(db: Db, user: UserId): Promise<PasskeyRow[]> {
  return await db
    .selectFrom('passkey')
    .selectAll()
    .where('userId', '=', user)
    .orderBy('createdAt')
    .limit(100)
    .execute()
}

/** False when there is one with that id, whoever's it is. */
export async function insertPasskey(tx: Tx, passkey: PasskeyRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('passkey')
    .values(passkey)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows !== 0n
}

/** False when its counter has gone up meanwhile: of two uses with one counter, one is a copy. */
export async function notePasskeyUse(
  tx: Tx,
  { id, counter: before }: PasskeyRow,
  { counter, at }: { readonly counter: number; readonly at: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkey')
    .set({ counter, lastUsedAt: at })
    .where('id', '=', id)
    .where('counter', '=', before)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function deletePasskey(tx: Tx, user: UserId, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('passkey')
    .where('userId', '=', user)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return numDeletedRows === 1n
}

export async function insertPasskeyChallenge(
  tx: Tx,
  challenge: Selectable<Tables['passkeyChallenge']>,
): Promise<void> {
  await tx.insertInto('passkeyChallenge').values(challenge).execute()
}

/** Uses a challenge up; undefined when it was used, is too old, or was never made. */
export async function takePasskeyChallenge(
  tx: Tx,
  hash: string,
  now: number,
): Promise<{ readonly userId: UserId | null } | undefined> {
  return await tx
    .deleteFrom('passkeyChallenge')
    .where('hash', '=', hash)
    .where('expiresAt', '>', now)
    .returning('userId')
    .executeTakeFirst()
}

export async function deleteExpiredPasskeyChallenges(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('passkeyChallenge').where('expiresAt', '<=', now).execute()
}
