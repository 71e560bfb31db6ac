import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listReconciliations, noteReconciliation } from '#server/db/recovery.ts'
import { startLane } from '../lane.ts'
import { askAboutUs } from './ask.ts'
import { isAtOurAddress } from './copy.ts'
import { followAgain } from './follow.ts'
import { resume } from './resume.ts'

/** After a restore: asks everybody, each by itself, until all have answered; then the node goes on. */
export function startRecovery(context: Context): void {
  let resuming: Promise<boolean> | undefined

  startLane(context, {
    name: 'recovery lane',
    topic: 'recovery',
    sweepMs: limits.recoverySweepMs,
    due: async () => {
      const open = (await listReconciliations(context.db)).filter(
        ({ answeredAt, caughtUpAt }) => answeredAt === null || caughtUpAt === null,
      )
      const isWaiting = open.some(({ answeredAt }) => answeredAt === null)
      if (context.mode.recovering && !(await isAtOurAddress(context))) return []
      if (context.mode.recovering && !isWaiting) {
        resuming ??= resume(context).finally(() => (resuming = undefined))
        await resuming
      }
      return open.map(({ node }) => node)
    },
    serve: async (node) => await reconcile(context, node),
  })
}

/** False: something of it could not be had now. */
async function reconcile(context: Context, node: NodeId): Promise<boolean> {
  const [row] = (await listReconciliations(context.db)).filter((one) => one.node === node)
  if (!row) return true
  const asked = row.answeredAt === null ? await askAboutUs(context, node) : undefined
  const answered = asked === undefined ? (row.answeredAt ?? context.clock.now()) : null
  // What they host is a matter of its own: they may be in recovery too, and wait for our answer.
  const followed = row.caughtUpAt === null ? await followAgain(context, node) : undefined
  const now = context.clock.now()
  await context.db.transaction().execute(
    async (tx) =>
      await noteReconciliation(tx, node, {
        answeredAt: answered,
        caughtUpAt: followed === undefined ? (row.caughtUpAt ?? now) : null,
        triedAt: now,
        outcome: row.lostAt === null ? (asked ?? followed ?? null) : row.outcome,
      }),
  )
  return asked === undefined && followed === undefined
}
