import { type Insertable, type Selectable, sql, type Updateable } from 'kysely'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { skeletonOf } from '#server/ports/skeleton.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'
import type { Tables } from './tables.ts'

export type UserRow = Selectable<Tables['user']>

/** A user whom we know to exist: one of ours, or one that a foreign key names. */
export async function getUser(db: Db, id: UserId): Promise<UserRow> {
  return await db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

export async function findUser(db: Db, id: UserId): Promise<UserRow | undefined> {
  return await db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function insertUser(tx: Tx, user: Insertable<Tables['user']>): Promise<void> {
  await tx
    .insertInto('user')
    .values({ ...user, skeleton: skeletonOf(user.name) })
    .execute()
}

/** A user of ours whom nobody else changes before this transaction ends. */
export async function holdUser(tx: Tx, id: UserId): Promise<UserRow> {
  return await tx.selectFrom('user').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow()
}

/** Changes a user of ours. `isStated`: what our documents say of them is different now, so their version goes up. */
export async function changeUser(
  tx: Tx,
  id: UserId,
  changes: Omit<Updateable<Tables['user']>, 'skeleton' | 'identityVersion'>,
  isStated: boolean,
): Promise<void> {
  const { name } = changes
  await tx
    .updateTable('user')
    .set((eb) => ({
      ...changes,
      ...(name === undefined ? {} : { skeleton: skeletonOf(name) }),
      identityVersion: eb('identityVersion', '+', isStated ? 1 : 0),
    }))
    .where('id', '=', id)
    .execute()
}

/** Gives names a skeleton that were written by a version without. Returns how many there were. */
export async function fillSkeletons(tx: Tx, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('user')
    .select(['id', 'name'])
    .where('skeleton', 'is', null)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  for (const { id, name } of rows) {
    await tx
      .updateTable('user')
      .set({ skeleton: skeletonOf(name) })
      .where('id', '=', id)
      .execute()
  }
  return rows.length
}

/** What all documents of ours say is different now. */
export async function raiseVersions(tx: Tx, ours: NodeId): Promise<void> {
  await tx
    .updateTable('user')
    .set((eb) => ({ identityVersion: eb('identityVersion', '+', 1) }))
    .where('node', '=', ours)
    .execute()
}

/** Which of these spaces a guest reaches, as a member or through a group that it addresses. There are few guests. */
export async function listWithGuests(db: Db, spaces: readonly SpaceId[]): Promise<Set<SpaceId>> {
  const { rows } = await sql<{ id: SpaceId }>`
    select distinct route.space_id as id from (${routes}) route
    join "user" u on u.id = route.user_id and u.kind = 'guest'
    where route.space_id = any(${[...spaces]})
  `.execute(db)
  return new Set(rows.map((row) => row.id))
}
