import type { NodeId } from '#schema/ids.ts'
import { goodbye as contract } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import type { ControlMessage } from '#server/db/control-messages.ts'
import { insertAudit } from '#server/db/audit.ts'
import { holdPeer, setStanding } from '#server/db/peers.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { sweepEnded } from './ended.ts'
import { type Sent, sentOf } from '../sent.ts'

/** Tells a company that our administrator has ended the partnership. */
export async function sendGoodbye(context: Context, message: ControlMessage): Promise<Sent> {
  return sentOf(await callPeer(context, message.node, { contract, body: { id: message.id } }))
}

/**
 * A company has ended the partnership: the same follows here as there. Saying it again changes nothing, and a new
 * partnership begins with administrators on both sides.
 */
export async function receiveGoodbye(context: Context, node: NodeId): Promise<{ status: 'ended' }> {
  const at = context.clock.now()
  const isNews = await context.db.transaction().execute(async (tx) => {
    const peer = await holdPeer(tx, node)
    if (!peer) throw new Refusal('stranger')
    if (peer.endedAt !== null) {
      if (peer.approvedByThem) await setStanding(tx, node, { approvedByThem: false })
      return false
    }
    await setStanding(tx, node, { approved: false, approvedByThem: false, endedAt: at })
    const id = newUuid(context.clock, context.random)
    await insertAudit(tx, { id, at, actor: null, act: 'peer.endedByThem', subject: node })
    return true
  })
  if (isNews) context.tasks.spawn('ended partnership', async () => await sweepEnded(context))
  return { status: 'ended' }
}
