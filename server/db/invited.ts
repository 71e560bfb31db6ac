import type { Selectable } from 'kysely'
import type { InviteId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

type Opening = Omit<Selectable<Tables['invited']>, 'endSeq'>

export async function openInvited(tx: Tx, invited: Opening): Promise<void> {
  const { spaceId, jti, node, role, history, addSeq } = invited
  await tx.insertInto('invited').values({ spaceId, jti, node, role, history, addSeq, endSeq: null }).execute()
}

export async function closeInvited(tx: Tx, space: SpaceId, jti: InviteId, seq: number): Promise<void> {
  await tx
    .updateTable('invited')
    .set({ endSeq: seq })
    .where('spaceId', '=', space)
    .where('jti', '=', jti)
    .where('endSeq', 'is', null)
    .execute()
}

/** Does the space's log say that this invitation is open? */
export async function isInvited(db: Db, space: SpaceId, jti: InviteId): Promise<boolean> {
  const row = await db
    .selectFrom('invited')
    .select('jti')
    .where('spaceId', '=', space)
    .where('jti', '=', jti)
    .where('endSeq', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/** The invitations that the space's log has open. */
export async function listInvited(
  db: Db,
  space: SpaceId,
): Promise<Pick<Selectable<Tables['invited']>, 'jti' | 'node' | 'role' | 'history'>[]> {
  return await db
    .selectFrom('invited')
    .select(['jti', 'node', 'role', 'history'])
    .where('spaceId', '=', space)
    .where('endSeq', 'is', null)
    .orderBy('addSeq')
    .limit(500)
    .execute()
}

/** Every invitation that the space's log ever opened: an id is good for one. */
export async function listInvitedEver(db: Db, space: SpaceId): Promise<InviteId[]> {
  const rows = await db.selectFrom('invited').select('jti').where('spaceId', '=', space).execute()
  return rows.map((row) => row.jti)
}
