import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { type Introduction, listIntroductions } from '#server/db/introductions.ts'
import { findPeer } from '#server/db/peers.ts'
import { alarmDaily } from '../alarm.ts'
import { lookForKeys } from './discover.ts'
import { pinnedLog } from './pin.ts'

// A host that brings a company into a space names the head of its key history. That is nothing to rely on, and we fetch
// the documents ourselves as soon as we have to do with the company (decision 0007). Then the two are compared: whoever
// stands between us and the company, or between it and the host, has to stand between both pairs in the same way.

/** Compares what hosts have named with what we have fetched. Fetches nothing that we do not hold already. */
export async function compareIntroductions(context: Context): Promise<void> {
  const introduced = Map.groupBy(await listIntroductions(context.db, context.node), ({ node }) => node)
  for (const [node, rows] of introduced) {
    if (context.tasks.signal.aborted) return
    const differing = await differingOf(context, node, rows)
    for (const { by, space } of differing) {
      const detail = `${by} has named it by keys that are not in its own history`
      await alarmDaily(context, { kind: 'introduction-differs', peer: node, space, detail, freeze: false })
    }
  }
}

async function differingOf(
  context: Context,
  node: NodeId,
  rows: readonly Introduction[],
): Promise<readonly Introduction[]> {
  const before = await unknownIn(context, node, rows)
  if (before.length === 0) return []
  // The host may have seen a newer history than we have. Not now, or not to be had: the next time.
  const looked = await lookForKeys(context, node)
  return looked?.ok ? await unknownIn(context, node, rows) : []
}

/** Those whose operation is not in the history that we have pinned; none where we have pinned nothing. */
async function unknownIn(
  context: Context,
  node: NodeId,
  rows: readonly Introduction[],
): Promise<readonly Introduction[]> {
  const peer = await findPeer(context.db, node)
  if (!peer || peer.conflict) return []
  const { operations, recoveries } = await pinnedLog(context, peer)
  // What a recovery cut off was a history of its own, and hosts may have had it pinned.
  if (recoveries.length > 0) return []
  const known = new Set(operations.map(({ hash }) => hash))
  return rows.filter(({ opHash }) => !known.has(opHash))
}

/** Runs until the node stops. */
export function startIntroductions(context: Context): void {
  context.tasks.every('introductions', limits.introductionSweepMs, async () => {
    await compareIntroductions(context)
  })
}
