import { type RawBuilder, sql } from 'kysely'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { HostAccess } from '#schema/removal.ts'
import type { Db } from './open.ts'
import { routes } from './routes.ts'
import type { SpaceRow } from './spaces.ts'

// Who reaches what, and from where on, as SQL: the one predicate behind every read (T-72). Somebody reaches a space by
// the routes of `routes.ts`; a fence whose seq our copy of the log has not reached yet closes one at once, and when the
// log comes, the log decides again. What is shown begins where the widest route begins, or where our copy does.

/** A space as somebody reaches it: what came before `fromSeq` is not theirs to see. */
export type ReachedSpace = SpaceRow & {
  readonly fromSeq: number
  /** Whether it may be written in, or only read for as long as its host is silent. */
  readonly access: Exclude<HostAccess, 'locked'>
}

/**
 * May what we hold of the space `s` be read now, and how? Null: not. What we host, always; a copy of somebody else's
 * log only under a lease with all the fences that it names; while its host is silent, or its keys are in doubt,
 * read-only up to a point, and again when the host has been silent for so long that it must be gone (SPEC A4 to A6,
 * K17). Who has closed for good left an archive. Never while it is purged, or after a restore while it is not known what came after the backup (B2).
 */
export function accessTo(ours: RawBuilder<unknown>, now: number): RawBuilder<HostAccess | null> {
  const at = sql`${now}::bigint`
  return sql<HostAccess | null>`case
    when s.purging or s.withheld then null
    when s.host = ${ours} then 'open'
    else (
      select case
        when word.fences_have < word.fences_upto then null
        when them.retired_at is not null and (word.outage_until > ${at} or them.archived_at is not null)
          then 'archive'
        when word.until_at > ${at} and not them.conflict and them.retired_at is null then 'open'
        when them.retired_at is null and word.until_at > ${at} then 'outage'
        when them.retired_at is null and word.outage_until > ${at}
          and (them.conflict or coalesce(them.heard_at, 0) < word.renew_at) then 'outage'
        when greatest(them.heard_at, word.iat) + ${limits.archiveAfterMs} <= ${at} then 'archive'
      end
      from lease word join peer them on them.node = word.host
      where word.host = s.host and word.node = ${ours}
    )
  end`
}

/** The node that somebody here belongs to. */
function homeOf(user: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`split_part(${user}, '@', 2)`
}

/** True when a fence that the log has not caught up with ends this user's access to the space. */
export function isFenced(space: RawBuilder<unknown>, user: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select 1 from fence f join space fs on fs.id = f.space_id
    where f.space_id = ${space} and f.subject in (${user}, '*')
      and (f.epoch, f.from_seq) > (fs.epoch, fs.head_seq)
      and f.host = fs.host and split_part(${user}, '@', 2) = f.node
  )`
}

/**
 * The routes that nothing ends: no fence on the space or on the group that the route leads through, and no word of our
 * own administrator that the log has not taken up yet.
 */
function isOpen(user: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(
    not ${isFenced(sql`route.space_id`, user)}
    and (route.group_id is null or not ${isFenced(sql`route.group_id`, user)})
    and not exists (
      select 1 from ending e
      where e.user_id = ${user} and e.space_id = coalesce(route.group_id, route.space_id)
    )
  )`
}

/** The ids of the spaces that a user reaches now. */
export function reachedBy(user: UserId): RawBuilder<unknown> {
  const who = sql`${user}::text`
  return sql`select route.space_id from (${routes}) route where route.user_id = ${who} and ${isOpen(who)}`
}

/** The routes by which users of a node reach a space now, as rows. */
export function openRoutes(node: NodeId, space: SpaceId): RawBuilder<unknown> {
  return sql`
    select 1 from (${routes}) route
    where route.space_id = ${space} and route.node = ${node} and ${isOpen(sql`route.user_id`)}
  `
}

/** Which of these pairs of a user and a space are within reach, with the space. One statement for all who ask at once. */
export async function findReached(
  db: Db,
  pairs: readonly { readonly user: UserId; readonly space: SpaceId }[],
  now: number,
): Promise<(ReachedSpace & { readonly user: UserId })[]> {
  const who = sql`p.who`
  const { rows } = await sql<ReachedSpace & { user: UserId }>`
    select s.*, p.who as user, greatest(way.from_seq, s.base_seq + 1) as from_seq, served.access
    from unnest(${pairs.map((pair) => pair.user)}::text[], ${pairs.map((pair) => pair.space)}::text[])
      as p (who, space)
    cross join lateral (select * from space where id = p.space limit 1) s
    cross join lateral (
      select min(route.from_seq) as from_seq from (${routes}) route
      where route.space_id = p.space and route.user_id = p.who and ${isOpen(who)}
    ) way
    cross join lateral (select ${accessTo(homeOf(who), now)} as access) served
    where way.from_seq is not null and served.access is not null
  `.execute(db)
  return rows
}

/** May what we hold of a space be read by people of ours now? */
export async function findAccess(
  db: Db,
  { space, node, now }: { readonly space: SpaceId; readonly node: NodeId; readonly now: number },
): Promise<HostAccess | null> {
  const { rows } = await sql<{ access: HostAccess | null }>`
    select ${accessTo(sql`${node}::text`, now)} as access from space s where s.id = ${space}
  `.execute(db)
  return rows[0]?.access ?? null
}

/** Does any user of a node reach the space now? */
export async function isReachedFrom(db: Db, space: SpaceId, node: NodeId): Promise<boolean> {
  const { rows } = await sql<{ reaches: boolean }>`
    select exists (
      select 1 from (${routes}) route
      where route.space_id = ${space} and route.node = ${node} and ${isOpen(sql`route.user_id`)}
    ) as reaches
  `.execute(db)
  return rows[0]?.reaches ?? false
}

/** The spaces that a user reaches, those with news first, how far they have read, and by whom else they are read. */
export async function listReached(
  db: Db,
  user: UserId,
  page: { readonly limit: number; readonly before?: number | undefined; readonly now: number },
): Promise<(ReachedSpace & { readonly readSeq: number; readonly nodes: NodeId[] })[]> {
  const who = sql`${user}::text`
  const { rows } = await sql<ReachedSpace & { readSeq: number; nodes: NodeId[] }>`
    select s.*, greatest(way.from_seq, s.base_seq + 1) as from_seq, served.access,
      coalesce(rs.seq, 0) as read_seq, array(
      select distinct route.node from (${routes}) route where route.space_id = s.id order by route.node
    ) as nodes
    from (
      select route.space_id, min(route.from_seq) as from_seq from (${routes}) route
      where route.user_id = ${who} and ${isOpen(who)} group by route.space_id
    ) way
    cross join lateral (select * from space where id = way.space_id limit 1) s
    left join read_state rs on rs.space_id = s.id and rs.user_id = ${who}
    cross join lateral (select ${accessTo(homeOf(who), page.now)} as access) served
    where served.access is not null and s.head_at < ${page.before ?? Number.MAX_SAFE_INTEGER}
    order by s.head_at desc limit ${page.limit}
  `.execute(db)
  return rows
}
