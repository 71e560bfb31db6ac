import type { Context } from '#server/context.ts'
import { ownDocuments } from '#server/peers/discovery/self.ts'
import type { App } from './serve.ts'

/**
 * Where other nodes begin (§2): public and unsigned, of exactly this content type, which files of users never have
 * at this place. The same bytes as /v1/node of the federation API.
 */
export function wellKnownRoute(app: App, context: Context): void {
  app.get('/.well-known/parley', async (_request, reply) => {
    const { body } = await ownDocuments(context)
    return await reply
      .header('content-type', 'application/json')
      .header('x-content-type-options', 'nosniff')
      .send(body)
  })
}
