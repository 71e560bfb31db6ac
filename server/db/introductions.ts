import { sql } from 'kysely'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Db } from './open.ts'

// Companies that hosts have named to us, by bringing them into spaces that we follow.

/** `opHash`: the head of the company's key history as the host had it pinned then. */
export type Introduction = {
  readonly node: NodeId
  readonly by: NodeId
  readonly space: SpaceId
  readonly opHash: Hash
}

/** Those of which we hold the entry, as long as they take part. */
export async function listIntroductions(db: Db, ours: NodeId): Promise<Introduction[]> {
  const { rows } = await sql<Introduction>`
    select sn.node, s.host as by, s.id as space, c.text::jsonb ->> 'op_hash' as op_hash
    from space_node sn
    join space s on s.id = sn.space_id and s.host <> ${ours}
    join entry e on e.space_id = sn.space_id and e.seq = sn.add_seq and e.type = 'node.add'
    join content c on c.space_id = e.space_id and c.seq = e.seq
    where sn.remove_seq is null and sn.node <> ${ours}
    order by sn.node, s.id
  `.execute(db)
  return rows
}

/** Those of whose documents we have never seen any ourselves. */
export async function listIntroducedOnly(db: Db, ours: NodeId): Promise<{ node: NodeId; by: NodeId }[]> {
  const { rows } = await sql<{ node: NodeId; by: NodeId }>`
    select sn.node, min(s.host) as by from space_node sn
    join space s on s.id = sn.space_id and s.host <> ${ours}
    where sn.remove_seq is null and sn.node <> ${ours}
      and not exists (select 1 from peer where peer.node = sn.node)
    group by sn.node order by sn.node
  `.execute(db)
  return rows
}
