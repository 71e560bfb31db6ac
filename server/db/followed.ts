import type { NodeId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import { damaged, type SpaceRow } from './spaces.ts'

/** The nodes whose spaces we follow. */
export async function listHosts(db: Db, ours: NodeId): Promise<NodeId[]> {
  const rows = await db
    .selectFrom('space')
    .select('host')
    .distinct()
    .where('host', '<>', ours)
    .orderBy('host')
    .execute()
  return rows.map((row) => row.host)
}

/** The spaces of a host that we follow, the newest first; frozen ones too, since their hosts may begin an epoch. */
export async function listFollowed(db: Db, host: NodeId, limit: number): Promise<SpaceRow[]> {
  return await db
    .selectFrom('space')
    .selectAll()
    .where('host', '=', host)
    .where((eb) => eb.or([eb('frozen', 'is', null), eb('frozen', '<>', damaged)]))
    .orderBy('headAt', 'desc')
    .limit(limit)
    .execute()
}
