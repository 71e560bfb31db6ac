import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { compareHeads } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { listFollowed, listHosts } from '#server/db/followed.ts'
import { callPeer } from '../exchange/call.ts'
import { pullFences } from '../removal/fence-pull.ts'
import { compareWithHost } from '../truth/probe.ts'
import { pullSpace } from './pull.ts'

// What a follower does by itself so that nothing depends on a push that never came: it compares heads with every
// host at the start and once an hour, pulls what it lacks, and asks for fences first.

const hourMs = 60 * 60 * 1000

export function startCatchUp(context: Context): void {
  context.tasks.spawn('catch-up', async () => await catchUp(context))
  context.tasks.every('catch-up', hourMs, async () => await catchUp(context))
}

async function catchUp(context: Context): Promise<void> {
  for (const host of await listHosts(context.db, context.node)) {
    if (context.tasks.signal.aborted) return
    await pullFences(context, host)
    for (const { space, seq, hash } of await differing(context, host)) {
      await compareWithHost(context, { host, space, seq, hash })
      await pullSpace(context, host, space)
    }
  }
}

type Differing = { readonly space: SpaceId; readonly seq: number; readonly hash: Hash }

/** The spaces of a host in which its head is another than ours. */
async function differing(context: Context, host: NodeId): Promise<Differing[]> {
  const followed = await listFollowed(context.db, host, limits.headsMax)
  if (followed.length === 0) return []
  const spaces = followed.map((row): [SpaceId, number, number, string] => [
    row.id,
    row.epoch,
    row.headSeq,
    row.headHash,
  ])
  const answer = await callPeer(context, host, { contract: compareHeads, body: { spaces } })
  if (!answer.ok) return []
  return answer.value.differ.map(([space, , seq, hash]) => ({ space, seq, hash }))
}
