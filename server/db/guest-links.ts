import type { Selectable } from 'kysely'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { InviteRow } from './invites.ts'
import type { MemberRow } from './members.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// Guests who become somebody of another node: the tokens by which they say so, and what both nodes have signed.

export type GuestLinkRow = Selectable<Tables['guestLink']>

export async function insertGuestMove(tx: Tx, move: Selectable<Tables['guestMove']>): Promise<void> {
  await tx.insertInto('guestMove').values(move).execute()
}

export async function findGuestMove(db: Db, tokenHash: string, now: number): Promise<UserId | undefined> {
  const row = await db
    .selectFrom('guestMove')
    .select('userId')
    .where('tokenHash', '=', tokenHash)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return row?.userId
}

/** Uses a token up, with all others of the guest and those that are too old. */
export async function takeGuestMove(tx: Tx, tokenHash: string, now: number): Promise<UserId | undefined> {
  const row = await tx
    .deleteFrom('guestMove')
    .where('tokenHash', '=', tokenHash)
    .where('expiresAt', '>', now)
    .returning('userId')
    .executeTakeFirst()
  await tx
    .deleteFrom('guestMove')
    .where((eb) => eb.or([eb('expiresAt', '<=', now), eb('userId', '=', row?.userId ?? ('' as UserId))]))
    .execute()
  return row?.userId
}

/** False when the guest has a successor already. */
export async function insertGuestLink(tx: Tx, link: GuestLinkRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('guestLink')
    .values(link)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows !== 0n
}

export async function findGuestLink(db: Db, guest: UserId): Promise<GuestLinkRow | undefined> {
  return await db.selectFrom('guestLink').selectAll().where('guest', '=', guest).executeTakeFirst()
}

/** Whom the node that vouched for the guest has named, whoever else here has claimed it too. */
export async function putGuestLink(tx: Tx, link: GuestLinkRow): Promise<void> {
  await tx
    .insertInto('guestLink')
    .values(link)
    .onConflict((conflict) => conflict.column('guest').doUpdateSet(link))
    .execute()
}

/** A claim of somebody's that the other node has not answered with a link. */
export async function deleteUnansweredClaim(
  tx: Tx,
  { guest, user }: { readonly guest: UserId; readonly user: UserId },
): Promise<void> {
  await tx
    .deleteFrom('guestLink')
    .where('guest', '=', guest)
    .where('userId', '=', user)
    .where('link', '=', '')
    .execute()
}

/** Guests of ours whose places have not all gone over yet. */
export async function listOpenGuestLinks(db: Db, limit: number): Promise<GuestLinkRow[]> {
  return await db
    .selectFrom('guestLink')
    .selectAll()
    .where('doneAt', 'is', null)
    .orderBy('at')
    .limit(limit)
    .execute()
}

export async function finishGuestLink(tx: Tx, guest: UserId, at: number): Promise<void> {
  await tx.updateTable('guestLink').set({ doneAt: at }).where('guest', '=', guest).execute()
}

/** The places of a guest in the groups and threads that we host. A dm is between those it was begun for. */
export async function listPlaces(
  db: Db,
  guest: UserId,
  host: NodeId,
): Promise<Pick<MemberRow, 'spaceId' | 'role' | 'history' | 'joinSeq'>[]> {
  return await db
    .selectFrom('member')
    .innerJoin('space', 'space.id', 'member.spaceId')
    .select(['member.spaceId', 'member.role', 'member.history', 'member.joinSeq'])
    .where('member.userId', '=', guest)
    .where('member.untilSeq', 'is', null)
    .where('space.host', '=', host)
    .where('space.kind', '<>', 'dm')
    .orderBy('member.spaceId')
    .limit(1_000)
    .execute()
}

/** The invitation by which a place goes over; the latest, when there were several. */
export async function findMoveInvite(
  db: Db,
  space: SpaceId,
  { guest, userId }: Pick<GuestLinkRow, 'guest' | 'userId'>,
): Promise<InviteRow | undefined> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('spaceId', '=', space)
    .where('inviter', '=', guest)
    .where('invitee', '=', userId)
    .orderBy('createdAt', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The letters that bring somebody here the places of their guest account: they have said yes by claiming it. */
export async function listMoveLetters(db: Db, ours: NodeId, limit: number): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .innerJoin('guestLink', 'guestLink.guest', 'invite.inviter')
    .selectAll('invite')
    .whereRef('guestLink.userId', '=', 'invite.userId')
    .where('invite.status', '=', 'open')
    .where('invite.host', '<>', ours)
    .limit(limit)
    .execute()
}
