import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listLeasesDue, listLeasesLacking, listServed } from '#server/db/leases.ts'
import { pullFences } from './fence-pull.ts'
import { startLane } from '../lane.ts'
import { pullLease, pushLease, recountFences } from './leases.ts'

// What keeps leases alive: as a host we give them in time, as a follower we ask for what did not come, fences first;
// and the open views ask the door again when one has run out, because nothing else tells them.

export function startLeases(context: Context): void {
  const watch = watchAccess(context)
  context.wake.listen('leases', () => context.tasks.spawn('lease watch', watch))
  startLane(context, {
    name: 'lease lane',
    lane: 'control',
    topic: 'leases',
    sweepMs: limits.leaseSweepMs,
    sweep: watch,
    due: async () => {
      const now = context.clock.now()
      const lacking = await listLeasesLacking(context.db, context.node, now)
      return [
        ...new Set([
          ...(await listLeasesDue(context.db, context.node, now)),
          ...lacking.map(({ host }) => host),
        ]),
      ]
    },
    serve: async (node) => (await give(context, node)) && (await ask(context, node)),
  })
}

async function give(context: Context, node: NodeId): Promise<boolean> {
  const due = await listLeasesDue(context.db, context.node, context.clock.now())
  return !due.includes(node) || (await pushLease(context, node))
}

/** False: something is lacking still, so the host is left alone for a while. */
async function ask(context: Context, host: NodeId): Promise<boolean> {
  const lacks = await lackOf(context, host)
  if (!lacks) return true
  // Also before a lease is asked for, which may name fences that never came.
  if (!(await pullFences(context, host))) return false
  await recountFences(context, host)
  if (!lacks.lacksFences && !(await pullLease(context, host))) return false
  return (await lackOf(context, host)) === undefined
}

async function lackOf(
  context: Context,
  host: NodeId,
): Promise<{ readonly lacksFences: boolean } | undefined> {
  const lacking = await listLeasesLacking(context.db, context.node, context.clock.now())
  return lacking.find((row) => row.host === host)
}

/** Time alone ends a lease, so somebody has to look at the clock. */
function watchAccess(context: Context): () => Promise<void> {
  let before: string | undefined
  return async () => {
    const served = await listServed(context.db, context.node, context.clock.now())
    const now = served
      .map(({ host, access }) => `${host} ${access}`)
      .toSorted()
      .join()
    if (before !== undefined && before !== now) {
      context.live.recheck({})
      context.wake.signal('access')
    }
    before = now
  }
}
