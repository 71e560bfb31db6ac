import type { PeerLimits } from '#schema/api/peer-limits.ts'
import type { NodeId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { findPeer, setPeerLimits } from '#server/db/peers.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { shareOf } from '../exchange/budgets.ts'

/** What a company may have of us. */
export async function getPeerLimits(context: Context, node: NodeId): Promise<PeerLimits> {
  const peer = node === context.node ? undefined : await findPeer(context.db, node)
  if (!peer) throw new Refusal('not-found')
  return shareOf(peer)
}

/** Gives it less. It holds from its next request on, in every process. */
export async function putPeerLimits(
  context: Context,
  actor: { readonly userId: UserId },
  {
    node,
    set,
  }: { readonly node: NodeId; readonly set: { readonly [K in keyof PeerLimits]?: number | undefined } },
): Promise<PeerLimits> {
  await getPeerLimits(context, node)
  const { requestsPerSecond = null, requestsAtOnce = null, eventsPerSecond = null } = set
  await context.db.transaction().execute(async (tx) => {
    await setPeerLimits(tx, node, { requestsPerSecond, requestsAtOnce, eventsPerSecond })
    const id = newUuid(context.clock, context.random)
    const at = context.clock.now()
    await insertAudit(tx, { id, at, actor: actor.userId, act: 'peer.limits', subject: node })
  })
  return await getPeerLimits(context, node)
}
