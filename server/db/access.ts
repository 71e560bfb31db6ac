import { type RawBuilder, sql } from 'kysely'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import type { SpaceRow } from './spaces.ts'

// Who reaches what, as SQL: the one predicate behind every read (T-72). Somebody reaches a space as a member
// by its log, or a thread through a group that it addresses and whose window includes it (A17). A fence whose
// seq our copy of the log has not reached yet closes it at once; when the log comes, the log decides again.

/** True when a fence that the log has not caught up with ends this user's access to the space. */
function isFenced(space: RawBuilder<unknown>, user: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select 1 from fence f join space fs on fs.id = f.space_id
    where f.space_id = ${space} and f.subject in (${user}, '*') and f.from_seq > fs.head_seq
      and f.host = fs.host and split_part(${user}, '@', 2) = f.node
  )`
}

/** The ids of the spaces that a user reaches now. */
function reachedBy(user: UserId): RawBuilder<unknown> {
  const who = sql`${user}::text`
  return sql`
    select m.space_id from member m
    where m.user_id = ${who} and m.until_seq is null and not ${isFenced(sql`m.space_id`, who)}
    union
    select r.space_id from member m
    join recipient r on r.group_id = m.space_id and r.remove_seq is null
    where m.user_id = ${who} and m.until_seq is null
      and not ${isFenced(sql`m.space_id`, who)} and not ${isFenced(sql`r.space_id`, who)}
      and (m.history = 'all' or r.anchor_seq >= case
        when m.history = 'now' then m.join_seq
        else substring(m.history from 7)::bigint end)
  `
}

/** Which of these pairs of a user and a space are within reach, with the space. One statement for all who ask at once. */
export async function findReached(
  db: Db,
  pairs: readonly { readonly user: UserId; readonly space: SpaceId }[],
): Promise<(SpaceRow & { readonly user: UserId })[]> {
  const who = sql`p.who`
  const { rows } = await sql<SpaceRow & { user: UserId }>`
    select s.*, p.who as user
    from unnest(${pairs.map((pair) => pair.user)}::text[], ${pairs.map((pair) => pair.space)}::text[])
      as p (who, space) cross join lateral (select * from space where id = p.space limit 1) s
    where not ${isFenced(sql`p.space`, who)} and (
      exists (
        select 1 from member m where m.space_id = p.space and m.user_id = p.who and m.until_seq is null
      ) or exists (
        select 1 from recipient r
        join member m on m.space_id = r.group_id and m.user_id = p.who and m.until_seq is null
        where r.space_id = p.space and r.remove_seq is null and not ${isFenced(sql`r.group_id`, who)}
          and (m.history = 'all' or r.anchor_seq >= case
            when m.history = 'now' then m.join_seq
            else substring(m.history from 7)::bigint end)
      )
    )
  `.execute(db)
  return rows
}

/** The spaces that a user reaches, those with news first, how far they have read, and by whom else they are read. */
export async function listReached(
  db: Db,
  user: UserId,
  page: { readonly limit: number; readonly before?: number | undefined },
): Promise<(SpaceRow & { readonly readSeq: number; readonly nodes: NodeId[] })[]> {
  const { rows } = await sql<SpaceRow & { readSeq: number; nodes: NodeId[] }>`
    select s.*, coalesce(rs.seq, 0) as read_seq, array(
      select distinct m.node from member m
      where m.until_seq is null and (m.space_id = s.id or m.space_id in (
        select group_id from recipient r where r.space_id = s.id and r.remove_seq is null
      )) order by m.node
    ) as nodes
    from space s left join read_state rs on rs.space_id = s.id and rs.user_id = ${user}
    where s.id in (${reachedBy(user)}) and s.head_at < ${page.before ?? Number.MAX_SAFE_INTEGER}
    order by s.head_at desc limit ${page.limit}
  `.execute(db)
  return rows
}
