import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import { findNodeWindow } from './windows.ts'

/** Does anybody of this node take part in anything that we host? */
export async function reachesAny(db: Db, host: NodeId, node: NodeId): Promise<boolean> {
  const row = await db
    .selectFrom('member')
    .innerJoin('space', 'space.id', 'member.spaceId')
    .select('member.spaceId')
    .where('space.host', '=', host)
    .where('member.node', '=', node)
    .where('member.untilSeq', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Does anybody of this node reach the space: as a member, or for a thread through a group that it addresses? */
export async function hasMember(db: Db, space: SpaceId, node: NodeId): Promise<boolean> {
  return (await findNodeWindow(db, space, node)) !== undefined
}
