import { sql } from 'kysely'
import { routes } from '#server/db/routes.ts'
import type { CheckedNode } from '../helpers/checker.ts'
import type { Watching } from './parts.ts'

/** Does nothing wait anywhere? The checker asks more, once this is so. */
export async function isAtRest(nodes: readonly CheckedNode[]): Promise<boolean> {
  for (const { id, db } of nodes) {
    const { rows } = await sql<{ waiting: number }>`
      select (select count(*) from pending where state in ('queued', 'sent', 'accepted'))
        + (select count(*) from fence where host = ${id} and acked_at is null)
        + (select count(*) from control_message where done_at is null)
        + (
          select count(*) from (
            select distinct route.space_id, route.node from (${routes}) route
          ) reach
          join space s on s.id = reach.space_id and s.host = ${id}
          left join cursor c on c.space_id = s.id and c.node = reach.node
          where reach.node <> ${id} and coalesce(c.acked_seq, 0) < s.head_seq
        ) as waiting
    `.execute(db)
    if (rows[0]!.waiting > 0) return false
  }
  return true
}

/** Has everybody who watches a space been shown all of it? A frame may be lost; a sweep makes up for it in its time. */
export async function haveSeenAll(
  nodes: readonly CheckedNode[],
  watchers: readonly Watching[],
): Promise<boolean> {
  const heads = new Map<string, number>()
  for (const { id, db } of nodes) {
    const rows = await db
      .selectFrom('space')
      .select(['id', 'headSeq'])
      .where('host', '=', id as never)
      .execute()
    for (const row of rows) heads.set(row.id, row.headSeq)
  }
  return watchers.every(({ isOpen, space, position }) => !isOpen || position >= (heads.get(space) ?? 0))
}
