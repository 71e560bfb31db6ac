import { confirmPurge, listFencedSpaces, listFences, sendFence } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { listFencesFor, receiveFence } from '#server/peers/removal/fences.ts'
import { serveIssued } from '#server/peers/recovery/serve.ts'
import { receivePurge, serveFencedSpaces } from '#server/peers/removal/purge-receive.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function fenceRoutes(app: App, context: Context): void {
  servePeer(
    app,
    context,
    sendFence,
    async ({ peer, body }) => await receiveFence(context, peer.node, body.fence),
  )

  servePeer(app, context, listFences, async ({ peer, query }) =>
    query.issued
      ? { fences: await serveIssued(context, peer.node, query.after) }
      : await listFencesFor(context, peer.node, query.after),
  )

  servePeer(
    app,
    context,
    listFencedSpaces,
    async ({ peer, params, query }) => await serveFencedSpaces(context, peer.node, { ...params, ...query }),
  )

  servePeer(
    app,
    context,
    confirmPurge,
    async ({ peer, body }) => await receivePurge(context, peer.node, body.receipt),
  )
}
