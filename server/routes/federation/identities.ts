import { getIdentity, pushIdentities } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { receiveIdentities, serveIdentity } from '#server/peers/identities/exchange.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function identityRoutes(app: App, context: Context): void {
  servePeer(
    app,
    context,
    pushIdentities,
    async ({ body }) => await receiveIdentities(context, body.identities),
  )

  servePeer(
    app,
    context,
    getIdentity,
    async ({ peer, params }) => await serveIdentity(context, peer.node, params.sub),
  )
}
