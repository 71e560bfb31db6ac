import { type Insertable, type Selectable, sql } from 'kysely'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { skeletonOf } from '#server/ports/skeleton.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'
import type { Tables } from './tables.ts'

export type UserRow = Selectable<Tables['user']>

/** A user whom we know to exist: one of ours, or one that a foreign key names. */
export async function getUser(db: Db, id: UserId): Promise<UserRow> {
  return await db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

export async function insertUser(tx: Tx, user: Insertable<Tables['user']>): Promise<void> {
  await tx
    .insertInto('user')
    .values({ ...user, skeleton: skeletonOf(user.name) })
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
