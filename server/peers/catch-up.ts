import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { compareHeads, listFences, pullEntries } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { findLastFence } from '#server/db/fences.ts'
import { listFollowed, listHosts } from '#server/db/followed.ts'
import { findSpace } from '#server/db/spaces.ts'
import { callPeer } from './call.ts'
import { receiveFence } from './fences.ts'
import { receiveBatch } from './receive.ts'

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
    for (const space of await differing(context, host)) await pullSpace(context, host, space)
  }
}

/** Fences first: nothing is read on the strength of a log before every order to end access is here. */
async function pullFences(context: Context, host: NodeId): Promise<void> {
  const after = await findLastFence(context.db, host, context.node)
  const answer = await callPeer(context, host, {
    contract: listFences,
    query: { after },
  })
  if (!answer.ok) return
  for (const fence of answer.value.fences) await receiveFence(context, host, fence)
}

/** The spaces of a host in which its head is another than ours. */
async function differing(context: Context, host: NodeId): Promise<SpaceId[]> {
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
  return answer.value.differ.map(([space]) => space)
}

/** Pulls a log, page by page, until there is nothing after what we have. */
export async function pullSpace(context: Context, host: NodeId, space: SpaceId): Promise<void> {
  for (let last = -1; !context.tasks.signal.aborted;) {
    const after = (await findSpace(context.db, space))?.headSeq ?? 0
    if (after === last) return // Nothing of the last page was applied; another would change nothing.
    last = after
    const answer = await callPeer(context, host, {
      contract: pullEntries,
      params: { space },
      query: { after },
      space,
    })
    if (!answer.ok || answer.value.entries.length === 0) return
    await receiveBatch(context, host, space, answer.value)
  }
}
