import { sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db } from './open.ts'

/** Does anybody of this node reach the space: as a member, or for a thread through a group that it addresses? */
export async function hasMember(db: Db, space: SpaceId, node: NodeId): Promise<boolean> {
  const { rows } = await sql<{ reaches: boolean }>`
    select exists (
      select 1 from member m where m.node = ${node} and m.until_seq is null and (m.space_id = ${space}
        or m.space_id in (select group_id from recipient where space_id = ${space} and remove_seq is null))
    ) as reaches
  `.execute(db)
  return rows[0]?.reaches ?? false
}
