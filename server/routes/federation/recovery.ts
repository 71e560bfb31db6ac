import { listCopies, listHosted, listOwnOperations, probeNode, pullCopy } from '#schema/wire/recovery.ts'
import type { Context } from '#server/context.ts'
import * as recovery from '#server/peers/recovery/serve.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function recoveryRoutes(app: App, context: Context): void {
  servePeer(app, context, probeNode, async ({ query }) => await recovery.serveProbe(context, query.of))

  servePeer(
    app,
    context,
    listOwnOperations,
    async ({ peer, query }) => await recovery.serveOwnOperations(context, peer.node, query.after),
  )

  servePeer(
    app,
    context,
    listCopies,
    async ({ peer, query }) => await recovery.serveCopies(context, peer.node, query.after),
  )

  servePeer(
    app,
    context,
    pullCopy,
    async ({ peer, params, query }) =>
      await recovery.serveCopy(context, peer.node, params.space, query.after),
  )

  servePeer(
    app,
    context,
    listHosted,
    async ({ peer, query }) => await recovery.serveHosted(context, peer.node, query.after),
  )
}
