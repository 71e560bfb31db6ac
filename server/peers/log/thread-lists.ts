import type { NodeId, SpaceId } from '#schema/ids.ts'
import { listThreads } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { listGroupsOf, noteThreadsListed } from '#server/db/copies.ts'
import { awaitsGroup } from '#server/db/invites.ts'
import { alone } from '#server/db/open.ts'
import { findSpace } from '#server/db/spaces.ts'
import { callPeer } from '../exchange/call.ts'
import { Bounded, perNode } from '../per-node.ts'
import { pullSpace } from './pull.ts'

// A follower learns of a group's threads by push, and asks for the list besides: after joining, once a day, and when a
// push comes that it cannot place (A5). So no thread depends on a push that never came.

/** Asks for the threads that users of ours reach through a group, and pulls what we lack of them. */
export async function followThreads(context: Context, host: NodeId, group: SpaceId): Promise<boolean> {
  for (let after: SpaceId | undefined; !context.tasks.signal.aborted;) {
    const answer = await callPeer(context, host, {
      contract: listThreads,
      params: { space: group },
      query: after === undefined ? {} : { after },
      space: group,
    })
    if (!answer.ok) return false
    for (const [space, , seq, hash] of answer.value.threads) {
      const row = await findSpace(context.db, space)
      if (row?.headSeq === seq && row.headHash === hash) continue
      await pullSpace(context, host, space, { asked: true })
    }
    after = answer.value.threads.at(-1)?.[0]
    if (after === undefined) break
  }
  const now = context.clock.now()
  await noteThreadsListed(alone(context.db), group, now)
  return true
}

const patienceMs = 30_000
const askedOf = perNode(() => new Bounded<NodeId, number>(1_000))

/**
 * A push about a thread that we cannot place yet. While a group of its host is on its way to us, or its lists were not
 * asked for lately, the host is to come again; the lists say meanwhile whether the thread is ours to have.
 */
export async function mayBecomeKnown(context: Context, host: NodeId): Promise<boolean> {
  if (await awaitsGroup(context.db, host)) return true
  const groups = await listGroupsOf(context.db, host, context.node)
  const now = context.clock.now()
  const last = askedOf(context).get(host)
  if (groups.length === 0 || (last !== undefined && now - last < patienceMs)) return false
  askedOf(context).set(host, now)
  context.tasks.spawn('thread lists', async () => {
    for (const group of groups) await followThreads(context, host, group)
  })
  return true
}
