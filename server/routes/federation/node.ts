import { protocolVersions } from '#federation/version.ts'
import { limits } from '#schema/limits.ts'
import { getNode, listOperations, ping } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { listOperationTexts } from '#server/db/node-ops.ts'
import { ownDocuments } from '#server/peers/discovery/self.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function nodeRoutes(app: App, context: Context): void {
  const { node } = context

  servePeer(app, context, getNode, async () => {
    const { statement } = await ownDocuments(context)
    return { node, base_url: context.config.baseUrl, statement }
  })

  servePeer(app, context, listOperations, async ({ query }) => {
    await ownDocuments(context)
    const page = { after: query.after ?? 0, limit: limits.operationsPerPageMax }
    return { operations: await listOperationTexts(context.db, node, page) }
  })

  servePeer(app, context, ping, async () => {
    return { node, now: Math.floor(context.clock.now() / 1000), versions: [...protocolVersions] }
  })
}
