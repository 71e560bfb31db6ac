import { sql } from 'kysely'
import type { UserId } from '#schema/ids.ts'
import type { Db } from './open.ts'

/** The names of users, ours and theirs, as far as their nodes have told us. */
export async function findNames(db: Db, users: readonly UserId[]): Promise<Map<UserId, string>> {
  const rows = await db
    .selectFrom('user')
    .select(['id', 'name'])
    .where('id', '=', sql<UserId>`any(${[...new Set(users)]})`)
    .execute()
  return new Map(rows.map((row) => [row.id, row.name]))
}
