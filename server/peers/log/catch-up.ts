import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { compareHeads } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { listFollowed, listHosts } from '#server/db/followed.ts'
import { callPeer } from '../exchange/call.ts'
import { onReturn } from '../exchange/reach.ts'
import { startLane } from '../lane.ts'
import { pullFences } from '../removal/fence-pull.ts'
import { compareWithHost } from '../truth/probe.ts'
import { pullSpace } from './pull.ts'
import { listWantedHosts, takeWanted, wantSpace } from './wanted.ts'

// What a follower does by itself so that nothing depends on a push that never came: it compares heads with a host at
// the start, when the host answers again, and once an hour, pulls what it lacks, and asks for fences first. And what a
// host will not push, because it is too much, it pulls at its own pace (§9.3).

const hourMs = 60 * 60 * 1000
const pullsAtOnce = 2

export function startCatchUp(context: Context): void {
  let isTime = true
  const uncompared = new Set<NodeId>()

  onReturn(context, (node) => {
    uncompared.add(node)
    context.wake.signal('catch-up')
  })

  startLane(context, {
    name: 'catch-up lane',
    lane: 'log',
    topic: 'catch-up',
    sweepMs: hourMs,
    sweep: () => {
      isTime = true
    },
    due: async () => {
      if (isTime) for (const host of await listHosts(context.db, context.node)) uncompared.add(host)
      isTime = false
      return [...new Set([...uncompared, ...listWantedHosts(context)])]
    },
    serve: async (host) => {
      const isCompared = !uncompared.has(host) || (await compare(context, host))
      if (isCompared) uncompared.delete(host)
      await pullAll(context, host, takeWanted(context, host))
      return isCompared
    },
  })
}

/** Finds out in which spaces the head of a host is another than ours. False: it could not be asked. */
async function compare(context: Context, host: NodeId): Promise<boolean> {
  await pullFences(context, host)
  const followed = await listFollowed(context.db, host, limits.headsMax)
  if (followed.length === 0) return true
  const spaces = followed.map((row): [SpaceId, number, number, string] => [
    row.id,
    row.epoch,
    row.headSeq,
    row.headHash,
  ])
  const answer = await callPeer(context, host, { contract: compareHeads, body: { spaces } })
  if (!answer.ok) return false
  const held = new Map(followed.map((row) => [row.id, row]))
  for (const [space, epoch, seq, hash] of answer.value.differ) {
    const row = held.get(space)
    // What stands still has been compared, and only another epoch is news.
    if (!row || (row.frozen !== null && epoch <= row.epoch)) continue
    if (row.frozen === null) await compareWithHost(context, { host, space, seq, hash })
    wantSpace(context, host, space)
  }
  return true
}

/** One that does not come holds up none of the others. */
async function pullAll(context: Context, host: NodeId, spaces: readonly SpaceId[]): Promise<void> {
  const left = spaces.values()
  async function work(): Promise<void> {
    for (const space of left) await pullSpace(context, host, space)
  }
  await Promise.all(Array.from({ length: Math.min(pullsAtOnce, spaces.length) }, work))
}
