import type { Selectable } from 'kysely'
import type { SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// What our people ask the hosts of other spaces for: an invitation is the host's to give.

export type InviteAskRow = Selectable<Tables['inviteAsk']>

export async function insertInviteAsk(tx: Tx, ask: InviteAskRow): Promise<void> {
  await tx.insertInto('inviteAsk').values(ask).execute()
}

export async function findInviteAsk(db: Db, id: string): Promise<InviteAskRow | undefined> {
  return await db.selectFrom('inviteAsk').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The asks about a space that are younger than a moment, oldest first. */
export async function listInviteAsks(db: Db, space: SpaceId, since: number): Promise<InviteAskRow[]> {
  return await db
    .selectFrom('inviteAsk')
    .selectAll()
    .where('spaceId', '=', space)
    .where('createdAt', '>', since)
    .orderBy('createdAt')
    .limit(500)
    .execute()
}

/** Asks that a host's administrator had not decided about when it was asked last. */
export async function listUndecidedAsks(db: Db, now: number): Promise<InviteAskRow[]> {
  return await db
    .selectFrom('inviteAsk')
    .selectAll()
    .where('status', '=', 'approval')
    .where('expiresAt', '>', now)
    .orderBy('createdAt')
    .limit(100)
    .execute()
}

type Answer = Pick<InviteAskRow, 'status'> &
  Partial<Pick<InviteAskRow, 'code' | 'jti' | 'expiresAt' | 'history'>>

export async function settleInviteAsk(tx: Tx, id: string, answer: Answer): Promise<void> {
  await tx.updateTable('inviteAsk').set(answer).where('id', '=', id).execute()
}
