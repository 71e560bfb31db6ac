import cookie from '@fastify/cookie'
import rateLimit from '@fastify/rate-limit'
import { limits } from '#schema/limits.ts'
import { fastify, LogController } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { Context } from './context.ts'
import { Refusal } from './refusal.ts'
import { accountRoutes } from './routes/api/accounts.ts'
import { approvalRoutes } from './routes/api/approvals.ts'
import { branchRoutes } from './routes/api/branches.ts'
import { claimRoutes } from './routes/api/claims.ts'
import { codeRoutes } from './routes/api/codes.ts'
import { companyRoutes } from './routes/api/companies.ts'
import { contactRoutes } from './routes/api/contacts.ts'
import { dmRoutes } from './routes/api/dms.ts'
import { enrolmentRoutes } from './routes/api/enrolments.ts'
import { exchangeRoutes } from './routes/api/exchanges.ts'
import { guestRoutes } from './routes/api/guests.ts'
import { invitationRoutes } from './routes/api/invitations.ts'
import { mailInvitationRoutes } from './routes/api/mail-invitations.ts'
import { passkeyRoutes } from './routes/api/passkeys.ts'
import { peerRoutes } from './routes/api/peers.ts'
import { peopleRoutes } from './routes/api/people.ts'
import { peerLimitRoutes } from './routes/api/peer-limits.ts'
import { peerRuleRoutes } from './routes/api/peer-rules.ts'
import { policyRoutes } from './routes/api/policies.ts'
import { recoveryRoutes } from './routes/api/recovery.ts'
import { removalRoutes } from './routes/api/removals.ts'
import { disputedEntryRoutes } from './routes/api/disputed-entries.ts'
import { securityEventRoutes } from './routes/api/security-events.ts'
import { sessionRoutes } from './routes/api/sessions.ts'
import { spaceRoutes } from './routes/api/spaces.ts'
import { whyRoutes } from './routes/api/why.ts'
import { workspaceRoutes } from './routes/api/workspace.ts'
import { attemptStore } from './routes/attempts.ts'
import { readJsonBodies } from './routes/body.ts'
import { registerFederation } from './routes/federation/routes.ts'
import { healthRoutes } from './routes/health.ts'
import { sendProblem } from './routes/problem.ts'
import { describeRoutes, referenceRoutes } from './routes/reference.ts'
import type { App } from './routes/serve.ts'
import { streamRoute } from './routes/stream.ts'
import { answerBrokenRequest, checkTransport } from './routes/transport-errors.ts'
import { answerUnknown, noteRoutes } from './routes/unknown.ts'
import { webRoutes } from './routes/web.ts'
import { wellKnownRoute } from './routes/well-known.ts'

/** The HTTP side of a node. What runs is what is called here, in this order. */
export function openApp(context: Context, isReady: () => boolean = () => true): App {
  const app = fastify({
    // Exchanges between nodes are recorded, refusals are logged; a line for every request would bury them.
    logController: new LogController({ disableRequestLogging: true }),
    // Limits go by the address that a request came from, not by that of the proxy before us.
    trustProxy: [...context.config.trustedProxies],
    bodyLimit: limits.apiBodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    // A busy machine takes its time; a start that hangs is the business of whoever started us.
    pluginTimeout: limits.startMs,
    keepAliveTimeout: limits.keepAliveMs,
    // What comes over an open connection while the node stops is still answered, and then the connection ends.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: limits.urlBytesMax },
    http: {
      headersTimeout: limits.headersTimeoutMs,
      // Slowness is noticed by looking, which Node does every half minute unless told otherwise.
      connectionsCheckingInterval: limits.connectionsCheckMs,
      maxHeaderSize: limits.headersBytesMax,
      // Checked by us, so that the answer is a problem document.
      requireHostHeader: false,
    },
    frameworkErrors: (error, request, reply) => {
      sendProblem(context, error, request, reply)
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(context, error, socket),
  })
  app.decorate('contracts', [])
  app.decorateRequest('actor', null)
  app.setErrorHandler((error, request, reply) => sendProblem(context, error, request, reply))
  const routes = noteRoutes(app)
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(standardHeaders)
    checkTransport(request)
    if (request.is404) answerUnknown(routes, request, reply)
    else done()
  })
  void app.register(async (api) => await registerApi(api, context, isReady))
  wellKnownRoute(app, context)
  // The federation's routes read raw bodies, so they have a scope of their own beside this one.
  void app.register(async (federation) => await registerFederation(federation, context))
  return app
}

// For documents of data. Pages have a policy of their own, which replaces this one.
const standardHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

async function registerApi(api: App, context: Context, isReady: () => boolean): Promise<void> {
  await describeRoutes(api, context)
  readJsonBodies(api)
  api.setValidatorCompiler(validatorCompiler)
  api.setSerializerCompiler(serializerCompiler)
  await api.register(cookie, { hook: false })
  await api.register(rateLimit, {
    global: false,
    // The handle stands in the body.
    hook: 'preHandler',
    timeWindow: 60_000,
    store: attemptStore(context.clock),
    addHeaders: noHeaders,
    addHeadersOnExceeding: noHeaders,
    errorResponseBuilder: (_request, { ttl }) => new Refusal('rate', { retryAfter: Math.ceil(ttl / 1000) }),
  })
  healthRoutes(api, context, isReady)
  accountRoutes(api, context)
  sessionRoutes(api, context)
  codeRoutes(api, context)
  passkeyRoutes(api, context)
  enrolmentRoutes(api, context)
  spaceRoutes(api, context)
  peopleRoutes(api, context)
  workspaceRoutes(api, context)
  invitationRoutes(api, context)
  mailInvitationRoutes(api, context)
  guestRoutes(api, context)
  dmRoutes(api, context)
  claimRoutes(api, context)
  contactRoutes(api, context)
  companyRoutes(api, context)
  peerRoutes(api, context)
  peerRuleRoutes(api, context)
  peerLimitRoutes(api, context)
  policyRoutes(api, context)
  approvalRoutes(api, context)
  removalRoutes(api, context)
  recoveryRoutes(api, context)
  branchRoutes(api, context)
  exchangeRoutes(api, context)
  whyRoutes(api, context)
  securityEventRoutes(api, context)
  disputedEntryRoutes(api, context)
  await streamRoute(api, context)
  webRoutes(api)
  await api.register(async (pages) => await referenceRoutes(pages, context))
}

const noHeaders = {
  'x-ratelimit-limit': false,
  'x-ratelimit-remaining': false,
  'x-ratelimit-reset': false,
  'retry-after': false,
}
