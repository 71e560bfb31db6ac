import { sql } from 'kysely'
import type { NodeId, UserId } from '#schema/ids.ts'
import type { Db } from './open.ts'

/** Somebody, ours or theirs, as far as their node has told us. */
export type KnownPerson = {
  readonly id: UserId
  readonly name: string
  readonly kind: 'member' | 'guest' | 'bot'
  readonly status: 'active' | 'suspended' | 'deleted'
  readonly organisation: string | null
  readonly skeleton: string | null
  /** Until when the document of their node holds; null for our own users. */
  readonly expiresAt: number | null
  /** Their name looks like that of another person who is a member of our workspace. */
  readonly looksLikeOurs: boolean
}

/** One statement for all who are asked for at once: every message names somebody. */
export async function findPeople(
  db: Db,
  ours: NodeId,
  users: readonly UserId[],
): Promise<Map<UserId, KnownPerson>> {
  const { rows } = await sql<KnownPerson>`
    select u.id, u.name, u.kind, u.status, u.organisation, u.skeleton, i.expires_at,
      (u.node <> ${ours} or u.kind = 'guest') and exists (
        select 1 from "user" o
        where o.skeleton = u.skeleton and o.node = ${ours} and o.kind <> 'guest' and o.status = 'active'
      ) as looks_like_ours
    from "user" u left join identity i on i.user_id = u.id
    where u.id = any(${[...new Set(users)]})
  `.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}
