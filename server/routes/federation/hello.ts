import { goodbye, hello } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { receiveGoodbye } from '#server/peers/partners/goodbye.ts'
import { receiveHello } from '#server/peers/partners/trust.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function helloRoutes(app: App, context: Context): void {
  servePeer(app, context, hello, async ({ peer, body }) => await receiveHello(context, peer.node, body))

  servePeer(app, context, goodbye, async ({ peer }) => await receiveGoodbye(context, peer.node))
}
