import { sql } from 'kysely'
import type { UserId } from '#schema/ids.ts'
import { accessTo, reachedBy } from './access.ts'
import type { Db } from './open.ts'

/**
 * Do these two share a space now, is the other one a contact of the first, or have they sent an invitation that waits
 * for an answer?
 */
export async function isAcquainted(db: Db, user: UserId, other: UserId, now: number): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select exists (
      select 1 from (${reachedBy(user)}) mine join (${reachedBy(other)}) theirs
        on theirs.space_id = mine.space_id
      join space s on s.id = mine.space_id
      where ${accessTo(sql`split_part(${user}, '@', 2)`, now)} is not null
    ) or exists (
      select 1 from contact where owner = ${user} and contact = ${other}
    ) or exists (
      select 1 from invite
      where user_id = ${user} and inviter = ${other} and status = 'open' and expires_at > ${now}
    ) as is
  `.execute(db)
  return rows[0]?.is ?? false
}
