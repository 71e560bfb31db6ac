import { type Selectable, sql } from 'kysely'
import type { InviteId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { InviteeKind, InviteStatus } from './invitation-tables.ts'
import type { Tables } from './tables.ts'

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

/** Good for longer, and signed anew before it is sent again. */
export async function renewInvite(tx: Tx, jti: InviteId, expiresAt: number): Promise<void> {
  await tx.updateTable('invite').set({ expiresAt, jws: '' }).where('jti', '=', jti).execute()
}

/** The letter as it was signed, and the companies that it names. */
export async function setLetter(
  tx: Tx,
  jti: InviteId,
  letter: { readonly jws: string; readonly roster: string },
): Promise<void> {
  await tx.updateTable('invite').set(letter).where('jti', '=', jti).execute()
}

/** A letter came again: what may differ in it. */
export async function renewLetter(
  tx: Tx,
  jti: InviteId,
  letter: Pick<InviteRow, 'jws' | 'roster' | 'expiresAt' | 'status'>,
): Promise<void> {
  await tx.updateTable('invite').set(letter).where('jti', '=', jti).execute()
}

/** How many letters of a host nobody has answered. */
export async function countLettersOf(db: Db, host: NodeId): Promise<number> {
  const { count } = await db
    .selectFrom('invite')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('host', '=', host)
    .where('status', 'in', ['approval', 'open'])
    .executeTakeFirstOrThrow()
  return count
}

/** What another node's ask has become. */
export async function findInviteOfAsk(db: Db, ask: string): Promise<InviteRow | undefined> {
  return await db.selectFrom('invite').selectAll().where('ask', '=', ask).executeTakeFirst()
}

/**
 * The log has ended an open invitation without a member. Answers the node to be told of it: only who was asked and
 * has not answered.
 */
export async function endInvite(
  tx: Tx,
  jti: InviteId,
  status: 'declined' | 'revoked' | 'expired',
): Promise<NodeId | null> {
  const row = await tx
    .updateTable('invite')
    .set({ status })
    .where('jti', '=', jti)
    .where('status', 'in', ['approval', 'open', 'accepted'])
    .returning('node')
    .executeTakeFirst()
  return row?.node ?? null
}

/** The log has made a member of somebody whom we invited. */
export async function closeWithMember(tx: Tx, jti: InviteId, user: UserId): Promise<InviteRow | undefined> {
  return await tx
    .updateTable('invite')
    .set({ status: 'joined', userId: user })
    .where('jti', '=', jti)
    .returningAll()
    .executeTakeFirst()
}

/** The invitations into a space that we host that wait: for an administrator, or for an answer. */
export async function listWaitingInvites(db: Db, space: SpaceId): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('spaceId', '=', space)
    .where('status', 'in', ['approval', 'open'])
    .orderBy('createdAt')
    .limit(500)
    .execute()
}

/** What waits for an administrator: ours to others, and others' to somebody here. */
export async function listForApproval(db: Db, now: number): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('status', '=', 'approval')
    .where('expiresAt', '>', now)
    .orderBy('createdAt')
    .limit(200)
    .execute()
}

export async function decideInvite(
  tx: Tx,
  jti: InviteId,
  decided: Pick<InviteRow, 'status' | 'decidedBy'>,
): Promise<void> {
  await tx.updateTable('invite').set(decided).where('jti', '=', jti).execute()
}

/** One that waits, of the same person into the same space. */
export async function findWaitingInvite(
  db: Db,
  space: SpaceId,
  to: { readonly kind: InviteeKind; readonly text: string; readonly node: NodeId | null },
): Promise<InviteRow | undefined> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('spaceId', '=', space)
    .where('inviteeKind', '=', to.kind)
    .where('invitee', '=', to.text)
    .where('node', 'is not distinct from', to.node)
    .where('status', 'in', ['approval', 'open'])
    .limit(1)
    .executeTakeFirst()
}

/** Open invitations to other companies that no log has ever shown, from before a moment. */
export async function listUnentered(db: Db, host: NodeId, before: number): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('host', '=', host)
    .where('status', '=', 'open')
    .where('node', 'is not', null)
    .where('createdAt', '<', before)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('invited')
            .select('invited.jti')
            .whereRef('invited.spaceId', '=', 'invite.spaceId')
            .whereRef('invited.jti', '=', 'invite.jti'),
        ),
      ),
    )
    .orderBy('createdAt')
    .limit(100)
    .execute()
}

/** Invitations of ours that the calendar has ended and the log or the letter does not say so yet. */
export async function listExpired(db: Db, host: NodeId, now: number): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('host', '=', host)
    .where('expiresAt', '<=', now)
    .where((eb) =>
      eb.or([
        eb('status', 'in', ['approval', 'open']),
        // Somebody came in by another invitation, so nobody will use this one.
        eb.exists(
          eb
            .selectFrom('invited')
            .select('invited.jti')
            .whereRef('invited.spaceId', '=', 'invite.spaceId')
            .whereRef('invited.jti', '=', 'invite.jti')
            .where('invited.endSeq', 'is', null),
        ),
      ]),
    )
    .orderBy('expiresAt')
    .limit(100)
    .execute()
}

/** Invitations between us and another node that nobody has come in by yet: ours to its people, and its to ours. */
export async function listOpenWith(db: Db, node: NodeId): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where((eb) => eb.or([eb('host', '=', node), eb('node', '=', node)]))
    .where('status', 'in', ['approval', 'open', 'accepted'])
    .orderBy('createdAt')
    .limit(500)
    .execute()
}

/** Letters of others that the calendar has ended. */
export async function expireLetters(tx: Tx, ours: NodeId, now: number): Promise<void> {
  await tx
    .updateTable('invite')
    .set({ status: 'expired' })
    .where('host', '<>', ours)
    .where('status', 'in', ['approval', 'open'])
    .where('expiresAt', '<=', now)
    .execute()
}

/** Forgets what ended long ago; a letter for nobody leaves nothing behind either. */
export async function deleteInvites(tx: Tx, before: number): Promise<void> {
  await tx
    .deleteFrom('invite')
    .where('status', 'in', ['declined', 'revoked', 'expired', 'refused'])
    .where('expiresAt', '<', before)
    .execute()
}

/** How many invitations somebody has begun since a moment. */
export async function countInvitesBy(db: Db, inviter: UserId, since: number): Promise<number> {
  const { count } = await db
    .selectFrom('invite')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('inviter', '=', inviter)
    .where('createdAt', '>', since)
    .executeTakeFirstOrThrow()
  return count
}

/** What waits for a user's answer. */
export async function listInvitesFor(db: Db, user: UserId, now: number): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('userId', '=', user)
    .where((eb) =>
      eb.or([eb('status', '=', 'accepted'), eb('status', '=', 'open').and('expiresAt', '>', now)]),
    )
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

/** Did a letter that somebody here accepted name this company? */
export async function wasShown(db: Db, space: SpaceId, node: NodeId): Promise<boolean> {
  const row = await db
    .selectFrom('invite')
    .select('jti')
    .where('spaceId', '=', space)
    .where('status', 'in', ['accepted', 'joined'])
    .where(sql<boolean>`roster::jsonb ? ${node}`)
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

/** An invitation to an address becomes one to somebody by name. */
export async function adoptInvite(
  tx: Tx,
  jti: InviteId,
  to: Pick<InviteRow, 'node' | 'invitee' | 'status' | 'rule'>,
): Promise<void> {
  await tx
    .updateTable('invite')
    .set({ ...to, inviteeKind: 'user', jws: '' })
    .where('jti', '=', jti)
    .execute()
}
