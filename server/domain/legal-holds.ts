import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { deleteHold, listHolds as listRows, putHold } from '#server/db/legal-holds.ts'
import type { Actor } from './actor.ts'
import { auditOf } from './audit.ts'

// Legal holds: what another company asks us to delete is closed, and kept until the hold is lifted.

export type Scope = SpaceId | 'everything'
export type Hold = { readonly space: SpaceId | null; readonly placedAt: number; readonly placedBy: UserId }

export async function listHolds(context: Context): Promise<{ holds: Hold[] }> {
  return { holds: (await listRows(context.db)).map(viewHold) }
}

function viewHold(row: Awaited<ReturnType<typeof listRows>>[number]): Hold {
  const { scope, placedAt, placedBy } = row
  return { space: scope === 'everything' ? null : scope, placedAt, placedBy }
}

export async function placeHold(context: Context, actor: Actor, scope: Scope): Promise<Hold> {
  const hold = { scope, placedAt: context.clock.now(), placedBy: actor.userId }
  return await context.db.transaction().execute(async (tx) => {
    const placed = await putHold(tx, hold)
    await insertAudit(tx, auditOf(context, actor, { act: 'hold.place', subject: scope }))
    return viewHold(placed)
  })
}

export async function liftHold(context: Context, actor: Actor, scope: Scope): Promise<{ lifted: boolean }> {
  const lifted = await context.db.transaction().execute(async (tx) => {
    if (!(await deleteHold(tx, scope))) return false
    await insertAudit(tx, auditOf(context, actor, { act: 'hold.lift', subject: scope }))
    return true
  })
  context.wake.signal('purges')
  return { lifted }
}
