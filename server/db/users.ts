import type { Insertable, Selectable } from 'kysely'
import type { UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type UserRow = Selectable<Tables['user']>

/** A user whom we know to exist: one of ours, or one that a foreign key names. */
export async function getUser(db: Db, id: UserId): Promise<UserRow> {
  return await db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

export async function insertUser(tx: Tx, user: Insertable<Tables['user']>): Promise<void> {
  await tx.insertInto('user').values(user).execute()
}
