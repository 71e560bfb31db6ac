import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
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

/** Tells administrators that a log of another node is not what it should be. */
export async function alarm(context: Context, { kind, peer, space, detail, freeze }: Alarm): Promise<void> {
  context.logger.error({ kind, peer, space, detail }, 'A log of another node is not what it should be.')
  await context.db.transaction().execute(async (tx) => {
    if (freeze) await freezeSpace(tx, space, kind)
    await insertSecurityEvent(tx, {
      id: newUuid(context.clock, context.random),
      at: context.clock.now(),
      kind,
      peer,
      spaceId: space,
      detail,
    })
  })
}
