import type { SpaceId, UserId } from '#schema/ids.ts'
import { findReached, type ReachedSpace } from './access.ts'
import { coalesce } from './coalesce.ts'
import { findNames } from './names.ts'
import type { Db } from './open.ts'
import { findSessions, type SessionRow } from './sessions.ts'

/** The reads of the hot paths. What is asked for at once is looked up at once; nothing is kept. */
export type Reads = {
  /** The space, if this user reaches it now, and from where on. */
  reached(pair: { readonly user: UserId; readonly space: SpaceId }): Promise<ReachedSpace | undefined>
  /** The name of a user, ours or theirs, as far as their node has told us. */
  name(user: UserId): Promise<string | undefined>
  /** The session with this hash and whose it is; it may have expired. */
  session(tokenHash: string): Promise<SessionRow | undefined>
}

export function openReads(db: Db): Reads {
  return {
    reached: coalesce(async (pairs) => {
      const found = new Map(
        (await findReached(db, pairs)).map((row) => [`${row.user}\n${row.id}`, row] as const),
      )
      return pairs.map(({ user, space }) => found.get(`${user}\n${space}`))
    }),
    name: coalesce(async (users) => {
      const found = await findNames(db, users)
      return users.map((user) => found.get(user))
    }),
    session: coalesce(async (hashes) => {
      const found = new Map((await findSessions(db, hashes)).map((row) => [row.tokenHash, row]))
      return hashes.map((hash) => found.get(hash))
    }),
  }
}
