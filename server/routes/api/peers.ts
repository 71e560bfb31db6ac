import { normaliseTypedDomain } from '#federation/domain.ts'
import {
  approvePeer,
  blockPeer,
  endPartnership,
  introducePeer,
  listPeers,
  openArchive,
  pausePeer,
  previewPeerAct,
  resumePeer,
  unblockPeer,
} from '#schema/api/peers.ts'
import { getKeyConflict, repinPeer } from '#schema/api/key-conflicts.ts'
import type { Context } from '#server/context.ts'
import * as acts from '#server/peers/partners/acts.ts'
import { previewKeyConflict, repin } from '#server/peers/partners/repin.ts'
import { approve, introduce } from '#server/peers/partners/trust.ts'
import * as peers from '#server/peers/partners/view.ts'
import { Refusal } from '#server/refusal.ts'
import { type App, serve } from '../serve.ts'

export function peerRoutes(app: App, context: Context): void {
  serve(app, context, listPeers, async ({ query }) => await peers.listPeers(context, query))

  serve(app, context, introducePeer, async ({ actor, body }) => {
    const node = normaliseTypedDomain(body.node)
    if (!node.ok) throw new Refusal('not-a-workspace', { reason: 'name' })
    return peers.viewPeer(context, await introduce(context, actor, node.value))
  })

  serve(app, context, approvePeer, async ({ actor, params }) =>
    peers.viewPeer(context, await approve(context, actor, params.node)),
  )

  serve(app, context, getKeyConflict, async ({ params }) => await previewKeyConflict(context, params.node))

  serve(app, context, repinPeer, async ({ actor, params, body }) =>
    peers.viewPeer(context, await repin(context, actor, { node: params.node, ...body })),
  )

  serve(app, context, previewPeerAct, async ({ params }) => await acts.previewPeerAct(context, params.node))

  for (const [contract, act] of [
    [pausePeer, acts.pause],
    [resumePeer, acts.resume],
    [blockPeer, acts.block],
    [unblockPeer, acts.unblock],
    [endPartnership, acts.endPartnership],
    [openArchive, acts.openArchive],
  ] as const) {
    serve(app, context, contract, async ({ actor, params }) =>
      peers.viewPeer(context, await act(context, actor, params.node)),
    )
  }
}
