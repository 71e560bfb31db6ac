import { sql } from 'kysely'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import { routes } from './routes.ts'

// What a node is sent: the widest of what its users see today (SPEC H1).

/** The first entry of a space that a node may have; undefined when none of its users reaches the space. */
export async function findNodeWindow(db: Db, space: SpaceId, node: NodeId): Promise<number | undefined> {
  const { rows } = await sql<{ fromSeq: number | null }>`
    select min(route.from_seq) as from_seq from (${routes}) route
    where route.space_id = ${space} and route.node = ${node}
  `.execute(db)
  return rows[0]?.fromSeq ?? undefined
}

export type ThreadHead = {
  readonly id: SpaceId
  readonly epoch: number
  readonly headSeq: number
  readonly headHash: Hash
}

/** The threads that users of a node reach through a group, by id, after one of them. */
export async function listThreadsThrough(
  db: Db,
  group: SpaceId,
  node: NodeId,
  page: { readonly after: SpaceId | undefined; readonly limit: number },
): Promise<ThreadHead[]> {
  const { rows } = await sql<ThreadHead>`
    select s.id, s.epoch, s.head_seq, s.head_hash from space s
    where s.id > ${page.after ?? ''} and s.id in (
      select route.space_id from (${routes}) route where route.group_id = ${group} and route.node = ${node}
    )
    order by s.id limit ${page.limit}
  `.execute(db)
  return rows
}
