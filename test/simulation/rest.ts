import { sql } from 'kysely'
import { routes } from '#server/db/routes.ts'
import type { CheckedNode } from '../helpers/checker.ts'

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
