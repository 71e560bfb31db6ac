import { sql } from 'kysely'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Db } from './open.ts'

/** A place in a dm that somebody was invited to and has not given up: as they were addressed, and who they are by now. */
export type DmPlace = {
  readonly kind: string
  readonly invitee: string
  readonly node: string | null
  readonly userId: UserId | null
  readonly isWaiting: boolean
}
export type Dm = { readonly id: SpaceId; readonly members: UserId[]; readonly places: DmPlace[] }

/** The dms of somebody with so many places, those with news first. */
export async function listDms(db: Db, user: UserId, size: number, limit: number): Promise<Dm[]> {
  const { rows } = await sql<{ id: SpaceId; members: UserId[]; places: string }>`
    select s.id,
      array(select o.user_id from member o where o.space_id = s.id and o.until_seq is null) as members,
      coalesce((
        select json_agg(json_build_object('kind', i.invitee_kind, 'invitee', i.invitee, 'node', i.node,
          'userId', i.user_id, 'isWaiting', i.status in ('approval', 'open')))::text
        from invite i where i.space_id = s.id and i.host = s.host and i.status in ('approval', 'open', 'joined')
      ), '[]') as places
    from space s join member m on m.space_id = s.id and m.user_id = ${user} and m.until_seq is null
    join content c on c.space_id = s.id and c.seq = 1
    where s.kind = 'dm' and (c.text::json ->> 'size')::int = ${size}
    order by s.head_at desc limit ${limit}
  `.execute(db)
  return rows.map((row) => ({ ...row, places: JSON.parse(row.places) as DmPlace[] }))
}
