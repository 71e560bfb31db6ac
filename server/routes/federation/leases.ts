import { pullLease, pushLease } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { receiveLease, serveLease } from '#server/peers/removal/leases.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function leaseRoutes(app: App, context: Context): void {
  servePeer(
    app,
    context,
    pushLease,
    async ({ peer, body }) => await receiveLease(context, peer.node, body.lease),
  )

  servePeer(app, context, pullLease, async ({ peer }) => await serveLease(context, peer.node))
}
