import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import type { Tx } from '#server/db/open.ts'
import { hasSecurityEventSince, insertSecurityEvent } from '#server/db/security-events.ts'
import { freezeSpace } from '#server/db/spaces.ts'
import { newUuid } from '#server/ports/random.ts'

export type Alarm = {
  readonly kind: string
  readonly peer: NodeId
  readonly space: SpaceId
  readonly detail: string
  /** Does the space stop here until somebody has looked? */
  readonly freeze: boolean
}

const dayMs = 24 * 60 * 60 * 1000

/** Tells administrators that a log of another node is not what it should be. */
export async function alarm(context: Context, news: Alarm): Promise<void> {
  say(context, news)
  await context.db.transaction().execute(async (tx) => await raise(context, tx, news))
}

/** The same, once a day: for what is found again whenever it is looked at, and for what a peer can repeat at will. */
export async function alarmDaily(context: Context, news: Alarm): Promise<void> {
  const { kind, peer, space } = news
  const since = context.clock.now() - dayMs
  await context.db.transaction().execute(async (tx) => {
    if (await hasSecurityEventSince(tx, { kind, peer, spaceId: space, since })) return
    say(context, news)
    await raise(context, tx, news)
  })
}

/** Writes the event, and freezes the space when it is to be, in a transaction of somebody else. */
export async function raise(
  context: Context,
  tx: Tx,
  { kind, peer, space, detail, freeze }: Alarm,
  id = newUuid(context.clock, context.random),
): Promise<void> {
  if (freeze) await freezeSpace(tx, space, kind)
  await insertSecurityEvent(tx, { id, at: context.clock.now(), kind, peer, spaceId: space, detail })
}

function say({ logger }: Context, { kind, peer, space, detail }: Alarm): void {
  logger.error({ kind, peer, space, detail }, 'A log of another node is not what it should be.')
}
