import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Clock } from '#server/ports/clock.ts'
import { findReached, type ReachedSpace } from './access.ts'
import { coalesce } from './coalesce.ts'
import type { Db } from './open.ts'
import { findPeople, type KnownPerson } from './people.ts'
import { findSessions, type SessionRow } from './sessions.ts'

/** The reads of the hot paths. What is asked for at once is looked up at once; nothing is kept. */
export type Reads = {
  /** The space, if this user reaches it now, and from where on. */
  reached(pair: { readonly user: UserId; readonly space: SpaceId }): Promise<ReachedSpace | undefined>
  /** A user, ours or theirs, as far as their node has told us. */
  person(user: UserId): Promise<KnownPerson | undefined>
  /** The session with this hash and whose it is; it may have expired. */
  session(tokenHash: string): Promise<SessionRow | undefined>
}

export function openReads(db: Db, node: NodeId, clock: Clock): Reads {
  return {
    reached: coalesce(async (pairs) => {
      const found = new Map(
        (await findReached(db, pairs, clock.now())).map((row) => [`${row.user}\n${row.id}`, row] as const),
      )
      return pairs.map(({ user, space }) => found.get(`${user}\n${space}`))
    }),
    person: coalesce(async (users) => {
      const found = await findPeople(db, node, users)
      return users.map((user) => found.get(user))
    }),
    session: coalesce(async (hashes) => {
      const found = new Map((await findSessions(db, hashes)).map((row) => [row.tokenHash, row]))
      return hashes.map((hash) => found.get(hash))
    }),
  }
}
