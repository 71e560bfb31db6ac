import type { FastifyPluginAsync } from 'fastify'
import { readBaseUrl } from '#federation/domain.ts'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'
import { fenceRoutes } from './fences.ts'
import type { App } from '../serve.ts'
import { guestRoutes } from './guests.ts'
import { helloRoutes } from './hello.ts'
import { identityRoutes } from './identities.ts'
import { inviteRoutes } from './invites.ts'
import { leaseRoutes } from './leases.ts'
import { nodeRoutes } from './node.ts'
import { recoveryRoutes } from './recovery.ts'
import { sendProblem } from './problem.ts'
import { prefixOf } from './serve.ts'
import { spaceRoutes } from './spaces.ts'

// The federation API in a scope of its own: bodies are raw bytes here, every no is a problem document, and what is
// not a contract is not there.

const resources: readonly ((app: App, context: Context) => void)[] = [
  nodeRoutes,
  helloRoutes,
  identityRoutes,
  inviteRoutes,
  guestRoutes,
  fenceRoutes,
  leaseRoutes,
  spaceRoutes,
  recoveryRoutes,
]

export async function registerFederation(app: App, context: Context): Promise<void> {
  const base = readBaseUrl(context.config.baseUrl)
  if (!base.ok) throw new Error('PARLEY_BASE_URL is not an address that peers accept.')
  const { path } = base.value
  const plugin: FastifyPluginAsync = async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.setErrorHandler((error, request, reply) => sendProblem(context, error, request, reply))
    // Paths below the prefix that no route has are a matter of this scope, so they leave a row too.
    scope.setNotFoundHandler((request, reply) =>
      sendProblem(context, new Refusal('not-found'), request, reply),
    )
    for (const routes of resources) routes(scope, context)
  }
  await app.register(plugin, { prefix: prefixOf(path) })
}
