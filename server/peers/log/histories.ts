import { listUnlistedGroups, listWanting } from '#server/db/copies.ts'
import type { Context } from '#server/context.ts'
import { tryBackfill } from './backfill.ts'
import { recheckAttested } from './lagging.ts'
import { startLane } from '../lane.ts'
import { followThreads } from './thread-lists.ts'

const dayMs = 24 * 60 * 60 * 1000

/**
 * What a follower fetches by itself beside what is pushed: entries from before its copies begin, where somebody may
 * see them, and the threads of the groups that it has joined. Both are read from what is there.
 */
export function startHistories(context: Context): void {
  const { db, node: ours } = context
  const listGroups = async () => await listUnlistedGroups(db, ours, context.clock.now() - dayMs)
  startLane(context, {
    name: 'history lane',
    lane: 'log',
    topic: 'histories',
    due: async () => {
      await recheckAttested(context)
      const wanted = [...(await listWanting(db, ours)), ...(await listGroups())]
      return [...new Set(wanted.map(({ host }) => host))]
    },
    serve: async (host) => {
      let isServed = true
      for (const wanting of await listWanting(db, ours))
        if (wanting.host === host) isServed = (await tryBackfill(context, wanting)) && isServed
      for (const group of await listGroups())
        if (group.host === host) isServed = (await followThreads(context, host, group.id)) && isServed
      return isServed
    },
  })
}
