import type { InviteId, NodeId, UserId } from '#schema/ids.ts'
import type { InviteRow } from './invites.ts'
import type { Db, Tx } from './open.ts'

// Invitations into direct conversations that are answered without asking anybody.

/** Letters into direct conversations that wait for somebody here. */
export async function listOpenDirect(db: Db, ours: NodeId, now: number): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('kind', '=', 'dm')
    .where('status', '=', 'open')
    .where('host', '<>', ours)
    .where('userId', 'is not', null)
    .where('expiresAt', '>', now)
    .orderBy('createdAt')
    .limit(100)
    .execute()
}

/** An invitation of ours into a dm that waits for the very person who has invited its inviter. */
export async function findCrossing(
  db: Db,
  { host, inviter, invitee }: { readonly host: NodeId; readonly inviter: UserId; readonly invitee: UserId },
): Promise<InviteRow | undefined> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('kind', '=', 'dm')
    .where('host', '=', host)
    .where('inviter', '=', inviter)
    .where('inviteeKind', '=', 'user')
    .where('invitee', '=', invitee)
    .where('status', 'in', ['approval', 'open'])
    .limit(1)
    .executeTakeFirst()
}

/** The other one's conversation stays; what was written in ours is to be said there. */
export async function markCrossed(tx: Tx, jti: InviteId): Promise<void> {
  await tx.updateTable('invite').set({ rule: 'crossed' }).where('jti', '=', jti).execute()
}

/** What is to be moved. */
export async function listCrossed(db: Db, host: NodeId): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('kind', '=', 'dm')
    .where('host', '=', host)
    .where('status', '=', 'declined')
    .where('rule', '=', 'crossed')
    .limit(100)
    .execute()
}

export async function settleCrossed(tx: Tx, jti: InviteId): Promise<void> {
  await tx.updateTable('invite').set({ rule: 'crossed-moved' }).where('jti', '=', jti).execute()
}
