import { sql } from 'kysely'
import type { InviteId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import { routes } from './routes.ts'

// By which ways who reaches what, for those who want to know what an ending would end.

export type RouteRow = {
  readonly spaceId: SpaceId
  readonly userId: UserId
  readonly node: NodeId
  /** Null for a membership of the space itself. */
  readonly groupId: SpaceId | null
}

/** Everybody's routes to a space and, if it is a group, to the threads that address it. */
export async function listRoutesAround(db: Db, space: SpaceId): Promise<RouteRow[]> {
  const { rows } = await sql<RouteRow>`
    select route.space_id, route.user_id, route.node, route.group_id from (${routes}) route
    where route.space_id = ${space} or route.space_id in (
      select space_id from recipient where group_id = ${space} and remove_seq is null
    )
    order by route.space_id, route.user_id, route.group_id nulls first
  `.execute(db)
  return rows
}

/** The spaces that both nodes take part in, by the host among them. */
export async function listSharedSpaces(
  db: Db,
  host: NodeId,
  node: NodeId,
): Promise<
  { id: SpaceId; kind: 'group' | 'thread' | 'dm'; title: string | null; headSeq: number; epoch: number }[]
> {
  const { rows } = await sql<{
    id: SpaceId
    kind: 'group' | 'thread' | 'dm'
    title: string | null
    headSeq: number
    epoch: number
  }>`
    select s.id, s.kind, s.title, s.head_seq, s.epoch from space s
    where s.host = ${host} and not s.purging and exists (
      select 1 from (${routes}) route where route.space_id = s.id and route.node = ${node}
    )
    order by s.id
  `.execute(db)
  return rows
}

/** How many people of a node take part in what a host hosts. */
export async function countPeopleIn(db: Db, host: NodeId, node: NodeId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(distinct m.user_id) as count from member m join space s on s.id = m.space_id
    where s.host = ${host} and m.node = ${node} and m.until_seq is null
  `.execute(db)
  return rows[0]!.count
}

/** The memberships of people of a node in what a host hosts. */
export async function listMembershipsIn(
  db: Db,
  host: NodeId,
  node: NodeId,
  limit: number,
): Promise<{ spaceId: SpaceId; userId: UserId }[]> {
  return await db
    .selectFrom('member')
    .innerJoin('space', 'space.id', 'member.spaceId')
    .select(['member.spaceId', 'member.userId'])
    .where('space.host', '=', host)
    .where('member.node', '=', node)
    .where('member.untilSeq', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('ending')
            .select('ending.at')
            .whereRef('ending.spaceId', '=', 'member.spaceId')
            .whereRef('ending.userId', '=', 'member.userId'),
        ),
      ),
    )
    .orderBy('member.spaceId')
    .orderBy('member.userId')
    .limit(limit)
    .execute()
}

/** The open invitations between us and a node, in both directions. */
export async function listOpenInvitesWith(db: Db, node: NodeId, limit: number): Promise<InviteId[]> {
  const rows = await db
    .selectFrom('invite')
    .select('jti')
    .where('status', '=', 'open')
    .where((eb) => eb.or([eb('node', '=', node), eb('host', '=', node)]))
    .orderBy('createdAt')
    .limit(limit)
    .execute()
  return rows.map((row) => row.jti)
}
