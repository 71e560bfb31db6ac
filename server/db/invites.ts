import type { Selectable } from 'kysely'
import type { InviteId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { InviteStatus, Tables } from './tables.ts'

// Invitations as letters: ours to others (host = us) and others' to ours. What a log says of an open
// invitation is in `invited`; the letter knows whom it is for.

export type InviteRow = Selectable<Tables['invite']>

/** False when the invitation is known already. */
export async function insertInvite(tx: Tx, invite: InviteRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('invite')
    .values(invite)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows !== 0n
}

/** The same invitation in a newer letter, which names other companies: whoever had said yes is asked again. */
export async function renewInvite(
  tx: Tx,
  letter: Pick<InviteRow, 'jti' | 'spaceId' | 'host' | 'roster' | 'jws'>,
): Promise<void> {
  await tx
    .updateTable('invite')
    .set({ roster: letter.roster, jws: letter.jws, status: 'open' })
    .where('jti', '=', letter.jti)
    .where('spaceId', '=', letter.spaceId)
    .where('host', '=', letter.host)
    .where('status', 'in', ['open', 'accepted'])
    .where('roster', '<>', letter.roster)
    .execute()
}

export async function findInvite(db: Db, jti: InviteId): Promise<InviteRow | undefined> {
  return await db.selectFrom('invite').selectAll().where('jti', '=', jti).executeTakeFirst()
}

/** Holds an invitation so that two answers to it queue up. */
export async function holdInvite(tx: Tx, jti: InviteId): Promise<InviteRow | undefined> {
  return await tx.selectFrom('invite').selectAll().where('jti', '=', jti).forUpdate().executeTakeFirst()
}

export async function deleteInvite(tx: Tx, jti: InviteId): Promise<void> {
  await tx.deleteFrom('invite').where('jti', '=', jti).execute()
}

export async function setInviteStatus(
  tx: Tx,
  jti: InviteId,
  status: InviteStatus,
  user?: UserId,
): Promise<void> {
  await tx
    .updateTable('invite')
    .set({ status, ...(user === undefined ? {} : { userId: user }) })
    .where('jti', '=', jti)
    .execute()
}

/** A letter of ours as it was signed, and the companies that it names. Without a text it will be signed anew. */
export async function setLetter(
  tx: Tx,
  jti: InviteId,
  { jws, roster }: { readonly jws: string; readonly roster: readonly NodeId[] },
): Promise<void> {
  await tx
    .updateTable('invite')
    .set({ jws, roster: JSON.stringify(roster) })
    .where('jti', '=', jti)
    .execute()
}

/** The open invitations into a space that we host. */
export async function listOpenInvites(db: Db, space: SpaceId): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('spaceId', '=', space)
    .where('status', '=', 'open')
    .orderBy('createdAt')
    .limit(500)
    .execute()
}

/** An open invitation of the same person into the same space. */
export async function findOpenInvite(
  db: Db,
  space: SpaceId,
  invitee: string,
  node: NodeId,
): Promise<InviteRow | undefined> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('spaceId', '=', space)
    .where('invitee', '=', invitee)
    .where('node', '=', node)
    .where('status', '=', 'open')
    .limit(1)
    .executeTakeFirst()
}

/** What waits for a user's answer. */
export async function listInvitesFor(db: Db, user: UserId, now: number): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('userId', '=', user)
    .where('status', '=', 'open')
    .where('expiresAt', '>', now)
    .orderBy('createdAt')
    .limit(200)
    .execute()
}

/** An invitation into a space that a user of ours has accepted: it lets the host send us the log (A5). */
export async function hasAcceptedInvite(db: Db, space: SpaceId, host: NodeId): Promise<boolean> {
  const row = await db
    .selectFrom('invite')
    .select('jti')
    .where('spaceId', '=', space)
    .where('host', '=', host)
    .where('status', 'in', ['accepted', 'joined'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Invitations that users of ours have accepted and the log has not shown yet. */
export async function listAccepted(db: Db, space: SpaceId, host: NodeId): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('spaceId', '=', space)
    .where('host', '=', host)
    .where('status', '=', 'accepted')
    .execute()
}

/** Is a user of ours about to join a group of this host? Its threads may arrive before it. */
export async function awaitsGroup(db: Db, host: NodeId): Promise<boolean> {
  const row = await db
    .selectFrom('invite')
    .select('jti')
    .where('host', '=', host)
    .where('kind', '=', 'group')
    .where('status', '=', 'accepted')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The log has shown that they are members: what was accepted is joined. */
export async function settleAccepted(tx: Tx, space: SpaceId, users: readonly UserId[]): Promise<void> {
  if (users.length === 0) return
  await tx
    .updateTable('invite')
    .set({ status: 'joined' })
    .where('spaceId', '=', space)
    .where('status', '=', 'accepted')
    .where('userId', 'in', users)
    .execute()
}
