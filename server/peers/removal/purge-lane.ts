import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listPurgingHosts, reopenHeld } from '#server/db/purges.ts'
import { sweepEnded } from '../partners/ended.ts'
import { startLane } from '../lane.ts'
import { purgeFor } from './purge.ts'
import { alarmOverdue } from './purge-receive.ts'
import { sweepUnblocked } from '../partners/unblocked.ts'

/** Carries out what other nodes have ordered to be deleted, and watches over what we have ordered. */
export function startPurges(context: Context): void {
  startLane(context, {
    name: 'purge lane',
    topic: 'purges',
    sweepMs: limits.purgeSweepMs,
    sweep: async () => {
      await alarmOverdue(context)
      await sweepUnblocked(context)
      await sweepEnded(context)
      await context.db.transaction().execute(async (tx) => await reopenHeld(tx, context.node))
    },
    due: async () => await listPurgingHosts(context.db, context.node),
    serve: async (host) => await purgeFor(context, host),
  })
}
