import type { SessionToken } from '#schema/api/accounts.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import type { Actor } from '#server/domain/actor.ts'
import { actorOfToken } from '#server/domain/sessions.ts'
import { Refusal } from '#server/refusal.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'

// Who is asking: a session, shown as a bearer token or as the cookie that a browser keeps for us.

const cookieName = 'parley_session'
const bearer = /^bearer +([A-Za-z0-9_-]{43})$/i
const sessionToken = /^[A-Za-z0-9_-]{43}$/

/** The actor of a request. A cookie counts only where the request also comes from a page of ours, unless it reads. */
export async function actorOf(context: Context, request: FastifyRequest): Promise<Actor> {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const token = bearer.exec(authorization)?.[1]
    if (token === undefined) throw new Refusal('session-expired')
    return await actorOfToken(context, token)
  }
  const token = cookieOf(request)
  if (token === undefined) throw withoutCredentials(context, request)
  // A browser sends the cookie along with what another site's page asks for (T-CSRF); Origin it cannot forge.
  if (!isReading(request) && !isOurOrigin(context, request)) throw new Refusal('foreign-origin')
  if (!sessionToken.test(token)) throw new Refusal('session-expired')
  return await actorOfToken(context, token)
}

/** For requests without a session that give one: another site must not sign its visitors in as somebody else. */
export function refuseForeignOrigin(context: Context, request: FastifyRequest): void {
  const { origin } = request.headers
  if (origin !== undefined && !isOurOrigin(context, request)) throw new Refusal('foreign-origin')
}

export function isOurOrigin(context: Context, request: FastifyRequest): boolean {
  return request.headers.origin === context.config.publicUrl.origin
}

export function keepSession(context: Context, reply: FastifyReply, session: SessionToken): void {
  const maxAge = Math.round((session.expiresAt - context.clock.now()) / 1000)
  reply.setCookie(cookieName, session.token, { ...cookieOptions(context), maxAge })
}

export function forgetSession(context: Context, reply: FastifyReply): void {
  reply.clearCookie(cookieName, cookieOptions(context))
}

/** What a browser or program calls itself, as far as it can be shown to people. */
export function deviceOf(request: FastifyRequest): string | undefined {
  const name = request.headers['user-agent']
    ?.replaceAll(/[^\x20-\x7e]/g, '')
    .slice(0, limits.deviceCharactersMax)
  return name === '' ? undefined : name
}

function cookieOptions(context: Context) {
  const secure = context.config.publicUrl.protocol === 'https:'
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
}

function cookieOf(request: FastifyRequest): string | undefined {
  const { cookie } = request.headers
  return cookie === undefined ? undefined : request.server.parseCookie(cookie)[cookieName]
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

// Addresses are written into logs and histories, so a token that comes in one has to be taken as known to others.
function withoutCredentials(context: Context, request: FastifyRequest): Refusal {
  const query = request.query as Record<string, unknown>
  if ('token' in query || 'access_token' in query) {
    context.logger.warn({ route: request.routeOptions.url }, 'A request had a token in its address: a leak.')
  }
  return new Refusal('auth-required')
}
