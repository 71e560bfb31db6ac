import { claimGuest, lookUpGuest } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { receiveGuestClaim, receiveGuestLookup } from '#server/peers/invites/guest-claims.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function guestRoutes(app: App, context: Context): void {
  servePeer(app, context, lookUpGuest, async ({ body }) => await receiveGuestLookup(context, body.token))

  servePeer(
    app,
    context,
    claimGuest,
    async ({ peer, body }) => await receiveGuestClaim(context, peer.node, body),
  )
}
