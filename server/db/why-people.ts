import { type Selectable, sql } from 'kysely'
import type { Role, SpaceKind } from '#schema/event/shared.ts'
import type { NodeId, NodeSender, SpaceId, UserId } from '#schema/ids.ts'
import type { HostAccess } from '#schema/removal.ts'
import { accessTo, isFenced } from './access.ts'
import type { Db } from './open.ts'
import { routes } from './routes.ts'
import type { Tables } from './tables.ts'

// What explains where somebody gets in, and where they do not.

/** A way to a space by the logs that we hold, and what closes it. */
export type WayRow = {
  readonly spaceId: SpaceId
  readonly kind: SpaceKind
  readonly host: NodeId
  readonly groupId: SpaceId | null
  readonly role: Role | null
  readonly fromSeq: number
  /** An order to end it is ahead of our copy of the log. */
  readonly fenced: boolean
  /** Our own administrator has ended it, and the host's log has not taken that up yet. */
  readonly ending: boolean
  readonly purging: boolean
  readonly withheld: boolean
  /** May our copy be shown now? */
  readonly access: HostAccess | null
}

export async function listWays(
  db: Db,
  ours: NodeId,
  user: UserId,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<WayRow[]> {
  const who = sql`${user}::text`
  const { rows } = await sql<WayRow>`
    select s.id as space_id, s.kind, s.host, route.group_id, m.role, route.from_seq, s.purging, s.withheld,
      ${isFenced(sql`route.space_id`, who)} or coalesce(${isFenced(sql`route.group_id`, who)}, false) as fenced,
      exists (
        select 1 from ending e where e.user_id = ${who} and e.space_id = coalesce(route.group_id, route.space_id)
      ) as ending,
      served.access
    from (${routes}) route join space s on s.id = route.space_id
    left join member m on m.space_id = coalesce(route.group_id, route.space_id) and m.user_id = route.user_id
      and m.until_seq is null
    cross join lateral (select ${accessTo(sql`${ours}::text`, now)} as access) served
    where route.user_id = ${who} order by s.head_at desc, s.id, route.group_id nulls first limit ${limit}
  `.execute(db)
  return rows
}

/** A membership that is over, with the entry that ended it where we hold it. */
export type EndedRow = {
  readonly spaceId: SpaceId
  readonly host: NodeId
  readonly seq: number
  readonly type: string | null
  readonly sender: UserId | NodeSender | null
  readonly at: number | null
}

export async function listEnded(db: Db, user: UserId, limit: number): Promise<EndedRow[]> {
  const { rows } = await sql<EndedRow>`
    select s.id as space_id, s.host, m.until_seq as seq, e.type, e.sender, e.at
    from (
      select space_id, max(until_seq) as until_seq from member where user_id = ${user}
      group by space_id having bool_and(until_seq is not null)
    ) m
    join space s on s.id = m.space_id
    left join entry e on e.space_id = m.space_id and e.seq = m.until_seq
    order by e.at desc nulls last, s.id limit ${limit}
  `.execute(db)
  return rows
}

type Invite = Selectable<Tables['invite']>
type Unjoined = Exclude<Invite['status'], 'joined'>

/** The invitations of somebody that brought them in nowhere yet, newest first. */
export async function listInvitesOf(
  db: Db,
  user: UserId,
  limit: number,
): Promise<
  (Pick<Invite, 'spaceId' | 'host' | 'rule' | 'createdAt' | 'expiresAt'> & { readonly status: Unjoined })[]
> {
  return await db
    .selectFrom('invite')
    .select(['spaceId', 'host', 'status', 'rule', 'createdAt', 'expiresAt'])
    .where('userId', '=', user)
    .where('status', '<>', 'joined')
    .orderBy('createdAt', 'desc')
    .limit(limit)
    .$narrowType<{ status: Unjoined }>()
    .execute()
}

type Fence = Pick<
  Selectable<Tables['fence']>,
  'host' | 'node' | 'n' | 'spaceId' | 'action' | 'at' | 'ackedAt' | 'purgeAckedAt'
>

/** The orders to end somebody's access, ours and those that came, newest first. */
export async function listFencesOn(db: Db, user: UserId, limit: number): Promise<Fence[]> {
  return await db
    .selectFrom('fence')
    .select(['host', 'node', 'n', 'spaceId', 'action', 'at', 'ackedAt', 'purgeAckedAt'])
    .where('subject', '=', user)
    .where('variant', '=', 0)
    .orderBy('at', 'desc')
    .limit(limit)
    .execute()
}

/** How somebody signs in here; undefined for those of other nodes. */
export async function findStanding(
  db: Db,
  user: UserId,
  now: number,
): Promise<{ role: string; lastUsedAt: number; sessions: number } | undefined> {
  const { rows } = await sql<{ role: string; lastUsedAt: number; sessions: number }>`
    select role, last_used_at, (
      select count(*) from session where user_id = ${user} and expires_at > ${now}
    ) as sessions
    from account where user_id = ${user}
  `.execute(db)
  return rows[0]
}
