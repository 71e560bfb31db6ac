import { sql } from 'kysely'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Tx } from './open.ts'

/** Moves a read marker forwards; it never goes back. Returns where it is. */
export async function raiseReadState(tx: Tx, user: UserId, space: SpaceId, seq: number): Promise<number> {
  const { rows } = await sql<{ seq: number }>`
    insert into read_state (user_id, space_id, seq) values (${user}, ${space}, ${seq})
    on conflict (user_id, space_id) do update set seq = greatest(read_state.seq, excluded.seq)
    returning seq
  `.execute(tx)
  return rows[0]!.seq
}
