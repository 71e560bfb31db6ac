import type { SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import type { ReachedSpace } from '#server/db/access.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'

// The only doors through which a use case reaches a space on somebody's behalf. A space that does not exist
// and one that you may not see are refused with the same words, so that probing ids teaches nothing. Whoever returns
// something that the log says leaves out what stands before `fromSeq`.

export async function spaceForReader(context: Context, actor: Actor, id: SpaceId): Promise<ReachedSpace> {
  const space = await context.reads.reached({ user: actor.userId, space: id })
  // Whether it is there or not, so that nothing is learnt of it.
  if (!space && context.mode.recovering) throw new Refusal('recovery-mode')
  if (!space) throw new Refusal('not-found')
  return space
}

/** The same for what only the host of a space may decide. */
export async function hostedSpace(context: Context, actor: Actor, id: SpaceId): Promise<ReachedSpace> {
  const space = await spaceForReader(context, actor, id)
  if (space.host !== context.node) throw new Refusal('not-host', { host: space.host })
  return space
}
