import { sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Lost } from './fences.ts'
import type { MemberRow } from './members.ts'
import type { Tx } from './open.ts'
import { routes } from './routes.ts'

// What a company reaches no longer after something ended, of what it reached before: the host decides it in the
// transaction of the ending, and nobody else ever computes what is to be deleted (A8).

/** After a membership ended: the space itself, and for a group the threads that it opened, as far as nobody else is left. */
export async function listLostWith(tx: Tx, member: MemberRow, seq: number): Promise<Lost[]> {
  const { spaceId, node } = member
  const { rows } = await sql<Lost>`
    select s.id as space_id, case when s.id = ${spaceId} then ${seq}::bigint else s.head_seq + 1 end as from_seq
    from space s
    where (s.id = ${spaceId} or s.id in (
      select r.space_id from recipient r
      where r.group_id = ${spaceId} and r.remove_seq is null and r.anchor_seq >= ${windowOf(member)}
    )) and not exists (
      select 1 from (${routes}) route where route.space_id = s.id and route.node = ${node}
    )
    order by s.id
  `.execute(tx)
  return rows
}

/** Does anybody of this company reach the space now? */
export async function isReachedBy(tx: Tx, space: SpaceId, node: NodeId): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select exists (
      select 1 from (${routes}) route where route.space_id = ${space} and route.node = ${node}
    ) as is
  `.execute(tx)
  return rows[0]!.is
}

/** The anchor from which on a membership in a group includes threads (T7). */
function windowOf({ history, joinSeq }: MemberRow): number {
  if (history === 'all') return 0
  return history === 'now' ? joinSeq : Number(history.slice('since:'.length))
}
