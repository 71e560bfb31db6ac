import { type Selectable, sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'
import type { Tables } from './tables.ts'

/** Nothing for a copy that is gone; one that is just being deleted is waited for, since it may stay. */
export async function noteProbe(tx: Tx, row: Selectable<Tables['probe']>): Promise<void> {
  await sql`
    insert into probe (space_id, seq, node, at)
    select id, ${row.seq}::bigint, ${row.node}, ${row.at}::bigint
    from space where id = ${row.spaceId} for key share
    on conflict (space_id) do update set seq = excluded.seq, node = excluded.node, at = excluded.at
  `.execute(tx)
}

/** A log that another node hosts and that others follow too. */
export type Shared = { readonly id: SpaceId; readonly host: NodeId; readonly others: readonly NodeId[] }

/** Those that have changed since another follower was last asked for its head. */
export async function listUnprobed(db: Db, ours: NodeId, limit: number): Promise<Shared[]> {
  const { rows } = await sql<Shared>`
    select s.id, s.host, array(
      select distinct route.node from (${routes}) route
      where route.space_id = s.id and route.node not in (${ours}, s.host) order by route.node
    ) as others
    from space s left join probe p on p.space_id = s.id
    where s.host <> ${ours} and s.frozen is null and not s.purging and s.head_seq > coalesce(p.seq, 0)
      and exists (
        select 1 from (${routes}) route where route.space_id = s.id and route.node not in (${ours}, s.host)
      )
    order by s.head_at desc, s.id limit ${limit}
  `.execute(db)
  return rows
}

/**
 * The logs of which the host has passed on no receipt of anybody else for so long: the first entry that none covers is
 * older than the last one by more than that, so it is no silence of the space.
 */
export async function listUncosigned(
  db: Db,
  ours: NodeId,
  which: { readonly longerThanMs: number; readonly limit: number },
): Promise<{ id: SpaceId; host: NodeId }[]> {
  const { rows } = await sql<{ id: SpaceId; host: NodeId }>`
    select s.id, s.host from space s
    cross join lateral (
      select min(n.add_seq) as add_seq from space_node n
      where n.space_id = s.id and n.remove_seq is null and n.node not in (${ours}, s.host)
    ) other
    cross join lateral (
      select greatest(other.add_seq, max(c.seq)) as seq from cosignature c where c.space_id = s.id
    ) covered
    cross join lateral (
      select e.at from entry e where e.space_id = s.id and e.seq > covered.seq order by e.seq limit 1
    ) open
    where s.host <> ${ours} and s.frozen is null and not s.purging and other.add_seq is not null
      and s.head_at - open.at > ${which.longerThanMs}
    order by s.id limit ${which.limit}
  `.execute(db)
  return rows
}
