import { type Selectable, sql } from 'kysely'
import type { Role } from '#schema/event/shared.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type MemberRow = Selectable<Tables['member']>

export async function openMember(tx: Tx, member: Omit<MemberRow, 'fromSeq' | 'untilSeq'>): Promise<void> {
  await tx
    .insertInto('member')
    .values({ ...member, fromSeq: member.joinSeq, untilSeq: null })
    .execute()
}

/** Ends a membership; returns what it was, if there was one. */
export async function closeMember(
  tx: Tx,
  space: SpaceId,
  user: UserId,
  seq: number,
): Promise<MemberRow | undefined> {
  return await tx
    .updateTable('member')
    .set({ untilSeq: seq })
    .where('spaceId', '=', space)
    .where('userId', '=', user)
    .where('untilSeq', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** Ends the row of the old role and begins one of the new role; the membership itself goes on. */
export async function changeRole(
  tx: Tx,
  where: { readonly space: SpaceId; readonly user: UserId },
  role: Role,
  seq: number,
): Promise<void> {
  await sql`
    with old as (
      update member set until_seq = ${seq}
      where space_id = ${where.space} and user_id = ${where.user} and until_seq is null
      returning *
    )
    insert into member (space_id, user_id, node, join_seq, from_seq, role, history)
    select space_id, user_id, node, join_seq, ${seq}, ${role}, history from old
  `.execute(tx)
}

/** The members of a space today, by name. */
export async function listMembers(
  db: Db,
  space: SpaceId,
  limit: number,
): Promise<Pick<MemberRow, 'userId' | 'role' | 'history'>[]> {
  return await db
    .selectFrom('member')
    .leftJoin('user', 'user.id', 'member.userId')
    .select(['member.userId', 'member.role', 'member.history'])
    .where('member.spaceId', '=', space)
    .where('member.untilSeq', 'is', null)
    .orderBy('user.name')
    .orderBy('member.userId')
    .limit(limit)
    .execute()
}

/** The members of a space who belong to a node. */
export async function listMembersOf(db: Db, space: SpaceId, node: NodeId): Promise<UserId[]> {
  const rows = await db
    .selectFrom('member')
    .select('userId')
    .where('spaceId', '=', space)
    .where('node', '=', node)
    .where('untilSeq', 'is', null)
    .orderBy('userId')
    .execute()
  return rows.map((row) => row.userId)
}

/** Is somebody a member by this log now? */
export async function isMember(db: Db, space: SpaceId, user: UserId): Promise<boolean> {
  const row = await db
    .selectFrom('member')
    .select('userId')
    .where('spaceId', '=', space)
    .where('userId', '=', user)
    .where('untilSeq', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/** What somebody was in a space at a position of its log: for entries that lean on it (A20). */
export async function findMemberAt(
  db: Db,
  space: SpaceId,
  user: UserId,
  seq: number,
): Promise<Pick<MemberRow, 'role' | 'joinSeq' | 'history'> | undefined> {
  return await db
    .selectFrom('member')
    .select(['role', 'joinSeq', 'history'])
    .where('spaceId', '=', space)
    .where('userId', '=', user)
    .where('fromSeq', '<=', seq)
    .where((eb) => eb.or([eb('untilSeq', 'is', null), eb('untilSeq', '>', seq)]))
    .executeTakeFirst()
}

export async function findOpenMember(db: Db, space: SpaceId, user: UserId): Promise<MemberRow | undefined> {
  return await db
    .selectFrom('member')
    .selectAll()
    .where('spaceId', '=', space)
    .where('userId', '=', user)
    .where('untilSeq', 'is', null)
    .executeTakeFirst()
}
