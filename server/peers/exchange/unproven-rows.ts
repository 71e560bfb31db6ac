import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { Buckets, type Rate } from '#server/ports/buckets.ts'
import { perNode } from '../per-node.ts'
import { placeOf } from './sources.ts'

// Rows about callers that have not shown who they are. They cost the caller nothing and the database something
// for thirty days, so there are only so many; the rest is counted.

const ofPlace: Rate = { perSecond: limits.strangerRowsPerSecondMax, burst: limits.strangerRowsBurstMax }
const ofAll: Rate = { perSecond: limits.unprovenRowsPerSecondMax, burst: limits.unprovenRowsBurstMax }
const tellEveryMs = 60_000

const memoryOf = perNode(() => ({
  places: new Buckets<string>(limits.sourcesRememberedMax),
  all: new Buckets<'all'>(1),
  missing: 0,
  toldAt: Number.NEGATIVE_INFINITY,
}))

/** Whether this one gets a row. Operators are told of those that do not, once a minute. */
export function mayRecordUnproven(context: Context, address: string): boolean {
  const memory = memoryOf(context)
  const now = context.clock.mono()
  const isLeft =
    memory.places.take(placeOf(address), ofPlace, { now }) === 0 &&
    memory.all.take('all', ofAll, { now }) === 0
  if (isLeft) return true
  memory.missing++
  if (now - memory.toldAt >= tellEveryMs) {
    const { missing } = memory
    context.logger.warn({ missing }, 'Requests of unknown callers are not in the federation log: too many.')
    memory.missing = 0
    memory.toldAt = now
  }
  return false
}
