import { sql } from 'kysely'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db } from './open.ts'

/** An open membership, in a space that we host, of somebody whose node vouches for them no more. */
export type Unvouched = { readonly spaceId: SpaceId; readonly userId: UserId; readonly version: number }

export async function listUnvouched(db: Db, ours: NodeId, limit: number): Promise<Unvouched[]> {
  const { rows } = await sql<Unvouched>`
    select m.space_id, m.user_id, u.identity_version as version from member m
    join "user" u on u.id = m.user_id and u.status <> 'active'
    join space s on s.id = m.space_id and s.host = ${ours}
    where m.until_seq is null
    order by m.space_id limit ${limit}
  `.execute(db)
  return rows
}

/** The members of our workspace in a space, those first who have been in it longest. */
export async function listHeirs(db: Db, space: SpaceId, ours: NodeId): Promise<UserId[]> {
  const { rows } = await sql<{ userId: UserId }>`
    select m.user_id from member m
    join "user" u on u.id = m.user_id and u.status = 'active' and u.kind = 'member'
    where m.space_id = ${space} and m.node = ${ours} and m.until_seq is null
    order by m.join_seq, m.user_id limit 100
  `.execute(db)
  return rows.map((row) => row.userId)
}
