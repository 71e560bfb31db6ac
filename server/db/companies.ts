import { sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import { listNodesOf } from './spaces.ts'

/** The companies that read any of these spaces now, each once. */
export async function listCompanies(db: Db, spaces: readonly SpaceId[]): Promise<NodeId[]> {
  if (spaces.length === 0) return []
  return [...new Set([...(await listNodesOf(db, spaces)).values()].flat())].toSorted()
}

/** Those of these companies that have declared what they do when others arrive, and do not just go on. */
export async function listDeclared(
  db: Db,
  nodes: readonly NodeId[],
): Promise<{ node: NodeId; declares: 'ask' | 'deny' }[]> {
  const rows = await db
    .selectFrom('peer')
    .select(['node', 'transitive'])
    .where('node', '=', sql<NodeId>`any(${[...nodes]})`)
    .where('transitive', 'in', ['ask', 'deny'])
    .orderBy('node')
    .execute()
  return rows.map(({ node, transitive }) => ({ node, declares: transitive as 'ask' | 'deny' }))
}
