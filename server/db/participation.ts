import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import { findNodeWindow } from './windows.ts'

/** Does anybody of this node reach the space: as a member, or for a thread through a group that it addresses? */
export async function hasMember(db: Db, space: SpaceId, node: NodeId): Promise<boolean> {
  return (await findNodeWindow(db, space, node)) !== undefined
}
