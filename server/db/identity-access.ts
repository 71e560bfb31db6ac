import { sql } from 'kysely'
import type { NodeId, UserId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import { routes } from './routes.ts'

/** May a node tell us of somebody? Only if we know them, or they are in a space that we hold. */
export async function isExpected(db: Db, user: UserId): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select exists (select 1 from identity where user_id = ${user})
      or exists (select 1 from (${routes}) route where route.user_id = ${user}) as is
  `.execute(db)
  return rows[0]?.is ?? false
}

/**
 * May a node ask us for somebody? It shares a space with one of ours; or with anybody in a space that we host; or an
 * invitation between the two is open, or accepted and not yet in the log.
 */
export async function isEntitled(db: Db, ours: NodeId, node: NodeId, user: UserId): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select exists (
      select 1 from (${routes}) a join space s on s.id = a.space_id join (${routes}) b on b.space_id = a.space_id
      where a.user_id = ${user} and b.node = ${node} and (a.node = ${ours} or s.host = ${ours})
    ) or exists (
      select 1 from invite
      where status in ('open', 'accepted') and (
        (user_id = ${user} and host = ${node} and node = ${ours})
        or (inviter = ${user} and host = ${ours} and node = ${node})
      )
    ) as is
  `.execute(db)
  return rows[0]?.is ?? false
}

/** People in spaces that we hold whose document is missing or has expired, with the node to ask: the host, or theirs. */
export async function listLapsed(
  db: Db,
  ours: NodeId,
  when: { readonly now: number; readonly limit: number },
): Promise<{ userId: UserId; ask: NodeId }[]> {
  const { rows } = await sql<{ userId: UserId; ask: NodeId }>`
    select distinct on (route.user_id) route.user_id,
      case when s.host = ${ours} then route.node else s.host end as ask
    from (${routes}) route join space s on s.id = route.space_id
    left join identity i on i.user_id = route.user_id
    left join "user" u on u.id = route.user_id
    where route.node <> ${ours} and coalesce(i.expires_at, 0) <= ${when.now} and coalesce(u.status, 'active') = 'active'
    order by route.user_id limit ${when.limit}
  `.execute(db)
  return rows
}
