import { normaliseTypedDomain } from '#federation/domain.ts'
import { approvePeer, introducePeer, listPeers } from '#schema/api/peers.ts'
import type { Context } from '#server/context.ts'
import { approve, introduce } from '#server/peers/trust.ts'
import * as peers from '#server/peers/view.ts'
import { Refusal } from '#server/refusal.ts'
import { type App, serve } from '../serve.ts'

export function peerRoutes(app: App, context: Context): void {
  serve(app, context, listPeers, async ({ query }) => await peers.listPeers(context, query))

  serve(app, context, introducePeer, async ({ actor, body }) => {
    const node = normaliseTypedDomain(body.node)
    if (!node.ok) throw new Refusal('not-a-workspace', { reason: 'name' })
    return peers.viewPeer(await introduce(context, actor, node.value))
  })

  serve(app, context, approvePeer, async ({ actor, params }) =>
    peers.viewPeer(await approve(context, actor, params.node)),
  )
}
