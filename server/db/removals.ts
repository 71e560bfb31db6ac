import { sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { FenceRow } from './fences.ts'
import type { Db } from './open.ts'

// What became of removals: our fences to other nodes, and others' to us, as records.

/** A fence of ours as one space sees it: `named` when the other node has to delete its copy of this very space. */
export type RemovalRow = FenceRow & { readonly named: boolean }

/** The removals from a space that we host since some time, and all that are not confirmed; newest first. */
export async function listRemovalsFrom(
  db: Db,
  host: NodeId,
  space: SpaceId,
  page: { readonly since: number; readonly limit: number },
): Promise<RemovalRow[]> {
  const { rows } = await sql<RemovalRow>`
    select f.*, s.space_id is not null as named from fence f
    left join fence_space s on s.host = f.host and s.node = f.node and s.n = f.n and s.space_id = ${space}
    where f.host = ${host} and f.variant = 0 and (f.space_id = ${space} or s.space_id is not null)
      and (f.at >= ${page.since} or f.acked_at is null or (s.space_id is not null and f.purge_acked_at is null))
    order by f.at desc, f.n desc limit ${page.limit}
  `.execute(db)
  return rows
}

export type RemovalRecordRow = FenceRow & { readonly spaces: SpaceId[] }
export type RemovalPlace = { readonly at: number; readonly peer: string; readonly n: number }

/** Every fence, given and taken, oldest first, with what it names. `peer` is the other node. */
export async function listRemovalRecords(
  db: Db,
  ours: NodeId,
  page: { readonly after?: RemovalPlace | undefined; readonly limit: number },
): Promise<(RemovalRecordRow & { readonly peer: NodeId })[]> {
  const { at, peer, n } = page.after ?? { at: -1, peer: '', n: 0 }
  const { rows } = await sql<RemovalRecordRow & { peer: NodeId }>`
    select * from (
      select f.*, case when f.host = ${ours} then f.node else f.host end as peer, array(
        select s.space_id from fence_space s
        where s.host = f.host and s.node = f.node and s.n = f.n order by s.space_id
      ) as spaces
      from fence f where f.variant = 0
    ) f
    where (f.at, f.peer, f.n) > (${at}::bigint, ${peer}::text, ${n}::bigint)
    order by f.at, f.peer, f.n limit ${page.limit}
  `.execute(db)
  return rows
}
