import { sql } from 'kysely'
import type { Db } from './open.ts'

/** Whether others may already know this node: then its key is one that they have seen, and no new one will do. */
export async function hasHistory(db: Db): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`
    select exists (select 1 from account) or exists (select 1 from peer) or exists (select 1 from node_op)
      or exists (select 1 from space) as has
  `.execute(db)
  return rows[0]?.has ?? false
}
