import { type Selectable, sql } from 'kysely'
import type { SpaceKind } from '#schema/event/shared.ts'
import type { EventId, NodeId, SpaceId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import { awaitedPurges } from './purges.ts'
import { routes } from './routes.ts'
import type { Tables } from './tables.ts'

// What explanations are made of: rows that say how far something has come, and never what was in it.

type Entry = Selectable<Tables['entry']>

/** A line of a log without its text. */
export type FoundEntry = Pick<
  Entry,
  'spaceId' | 'epoch' | 'seq' | 'eventId' | 'origin' | 'sender' | 'type' | 'at' | 'standing'
> & {
  readonly host: NodeId
  readonly headSeq: number
  /** The author's clock. */
  readonly writtenAt: number
}

const clocksMs = 24 * 60 * 60 * 1000

/**
 * The entries that hold an event, by its id alone. There is no index for that, since nobody else asks so: each log that
 * has grown since the id was made is asked for each node that may write in it.
 */
export async function findEntriesOf(db: Db, id: EventId): Promise<FoundEntry[]> {
  const since = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) - clocksMs
  const { rows } = await sql<FoundEntry>`
    select e.*, s.host, s.head_seq from space s
    cross join lateral (
      select s.host as node
      union select node from member where space_id = s.id
      union select m.node from recipient r join member m on m.space_id = r.group_id where r.space_id = s.id
    ) origins
    cross join lateral (
      select space_id, epoch, seq, event_id, origin, sender, type, at, standing,
        (header::json ->> 'ts')::bigint as written_at
      from entry where space_id = s.id and origin = origins.node and event_id = ${id} limit 1
    ) e
    where s.head_at >= ${since} order by e.space_id limit 10
  `.execute(db)
  return rows
}

type Pending = Selectable<Tables['pending']>

/** What waits for a host, without what it is. */
export type FoundPending = Pick<
  Pending,
  'eventId' | 'spaceId' | 'host' | 'sender' | 'createdAt' | 'expiresAt' | 'state' | 'code' | 'promisedSeq'
> & { readonly type: string }

/** The genesis of a thread that waits for its host, or was refused there. */
export async function findGenesisOf(db: Db, space: SpaceId): Promise<EventId | undefined> {
  const row = await db
    .selectFrom('pending')
    .select('eventId')
    .where('spaceId', '=', space)
    .where('begins', '=', true)
    .executeTakeFirst()
  return row?.eventId
}

export async function findPendingOf(db: Db, id: EventId): Promise<FoundPending | undefined> {
  return await db
    .selectFrom('pending')
    .select([
      'eventId',
      'spaceId',
      'host',
      'sender',
      'createdAt',
      'expiresAt',
      'state',
      'code',
      'promisedSeq',
    ])
    .select(sql<string>`header::json ->> 'type'`.as('type'))
    .where('eventId', '=', id)
    .executeTakeFirst()
}

/** What waits for a host in its spaces. */
export async function countPendingFor(
  db: Db,
  host: NodeId,
): Promise<{ spaceId: SpaceId; count: number; oldestAt: number }[]> {
  const { rows } = await sql<{ spaceId: SpaceId; count: number; oldestAt: number }>`
    select space_id, count(*) as count, min(created_at) as oldest_at from pending
    where host = ${host} and state in ('queued', 'sent') group by space_id order by 3 limit 50
  `.execute(db)
  return rows
}

/** How far one follower of a log has come. */
export type FollowerRow = {
  readonly spaceId: SpaceId
  readonly kind: SpaceKind
  readonly node: NodeId
  readonly fromSeq: number
  readonly headSeq: number
  readonly headAt: number
  readonly frozen: string | null
  readonly ackedSeq: number
  readonly failures: number
  readonly nextAttemptAt: number
  readonly stopped: string | null
  readonly receiptAt: number | null
  readonly leaseUntil: number | null
  /** When we told it to delete a copy of the space, which it has not confirmed; nothing new goes there meanwhile. */
  readonly purgeSince: number | null
}

/** Of one space that we host all followers, or of one follower all spaces in which it is behind. */
export async function listFollowers(
  db: Db,
  host: NodeId,
  which: { readonly space: SpaceId } | { readonly behind: NodeId },
  now: number,
): Promise<FollowerRow[]> {
  const among = 'space' in which ? sql`route.space_id = ${which.space}` : sql`route.node = ${which.behind}`
  const lacking =
    'space' in which ? sql`true` : sql`greatest(coalesce(c.acked_seq, 0), reach.from_seq - 1) < s.head_seq`
  const { rows } = await sql<FollowerRow>`
    select s.id as space_id, s.kind, reach.node, reach.from_seq, s.head_seq, s.head_at, s.frozen,
      coalesce(c.acked_seq, 0) as acked_seq, coalesce(c.failures, 0) as failures,
      coalesce(c.next_attempt_at, 0) as next_attempt_at, c.stopped, r.at as receipt_at, l.until_at as lease_until,
      (
        select min(awaited.at) from (${awaitedPurges(host, now)}) awaited
        where awaited.space_id = s.id and awaited.node = reach.node
      ) as purge_since
    from (
      select route.space_id, route.node, min(route.from_seq) as from_seq from (${routes}) route
      where route.node <> ${host} and ${among} group by route.space_id, route.node
    ) reach
    join space s on s.id = reach.space_id and s.host = ${host}
    left join cursor c on c.space_id = s.id and c.node = reach.node
    left join receipt r on r.space_id = s.id and r.node = reach.node
    left join lease l on l.host = ${host} and l.node = reach.node
    where ${lacking}
    order by s.head_at, s.id, reach.node limit 100
  `.execute(db)
  return rows
}

/** Who takes part in a space, with how many people. */
export async function countPeople(db: Db, space: SpaceId): Promise<{ node: NodeId; people: number }[]> {
  const { rows } = await sql<{ node: NodeId; people: number }>`
    select route.node, count(distinct route.user_id) as people from (${routes}) route
    where route.space_id = ${space} group by route.node order by route.node
  `.execute(db)
  return rows
}

/** What other followers have confirmed of a log, as its host has passed it on. */
export async function listConfirmed(
  db: Db,
  space: SpaceId,
): Promise<{ node: NodeId; seq: number; at: number }[]> {
  return await db
    .selectFrom('cosignature')
    .select(['node', 'seq', 'at'])
    .where('spaceId', '=', space)
    .orderBy('node')
    .execute()
}

export async function findTombstone(
  db: Db,
  space: SpaceId,
): Promise<Selectable<Tables['tombstone']> | undefined> {
  return await db.selectFrom('tombstone').selectAll().where('spaceId', '=', space).executeTakeFirst()
}

/** The last thing that was said about a space to operators. */
export async function findLastEvent(
  db: Db,
  space: SpaceId,
): Promise<Pick<Selectable<Tables['securityEvent']>, 'kind' | 'at' | 'detail'> | undefined> {
  return await db
    .selectFrom('securityEvent')
    .select(['kind', 'at', 'detail'])
    .where('spaceId', '=', space)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Orders of ours to a node that it has not confirmed or carried out. */
export async function countOpenOrders(
  db: Db,
  host: NodeId,
  node: NodeId,
): Promise<{ fences: number; purges: number; oldestAt: number | null }> {
  const { rows } = await sql<{ fences: number; purges: number; oldestAt: number | null }>`
    select count(*) filter (where acked_at is null) as fences,
      count(*) filter (where action = 'purge' and purge_acked_at is null) as purges, min(at) as oldest_at
    from fence where host = ${host} and node = ${node} and variant = 0
      and (acked_at is null or action = 'purge' and purge_acked_at is null)
  `.execute(db)
  return rows[0]!
}

type Exchange = Selectable<Tables['exchange']>

/** The exchanges with this id, ours or the one that the other side gave to its own row. */
export async function findExchanges(db: Db, id: string): Promise<Exchange[]> {
  return await db
    .selectFrom('exchange')
    .selectAll()
    .where((eb) => eb.or([eb('id', '=', id), eb('instance', '=', id)]))
    .orderBy('at')
    .limit(10)
    .execute()
}

export async function findDecision(db: Db, id: string): Promise<Selectable<Tables['decision']> | undefined> {
  return await db.selectFrom('decision').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findSecurityEvent(
  db: Db,
  id: string,
): Promise<Selectable<Tables['securityEvent']> | undefined> {
  return await db.selectFrom('securityEvent').selectAll().where('id', '=', id).executeTakeFirst()
}
