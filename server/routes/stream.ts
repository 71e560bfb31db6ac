import websocket from '@fastify/websocket'
import { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import type { Actor } from '#server/domain/actor.ts'
import { isStillOpen } from '#server/domain/sessions.ts'
import { openHub } from '#server/realtime/hub.ts'
import { openStream } from '#server/realtime/stream.ts'
import { Refusal } from '#server/refusal.ts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { actorOf, isOurOrigin } from './actor.ts'
import type { App } from './serve.ts'

/** Subscribing by address alone, for clients that can only read: `?space=ID&after=SEQ`. */
const Query = z.strictObject({
  space: SpaceId.optional(),
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
})

/** The node stops: the client comes back, to this process or another. */
const serviceRestart = 1012

/** The session that opened the stream is over. */
const sessionEnded = 4001

/**
 * `GET /api/stream`: a web socket with the frames of `schema/stream.ts`. Opened with a session cookie from a page of
 * ours, or with a bearer token; both are checked before the upgrade.
 */
export async function streamRoute(app: App, context: Context): Promise<void> {
  const hub = openHub(context)
  await app.register(websocket, {
    options: { maxPayload: limits.streamFrameBytesMax, perMessageDeflate: false },
    preClose: (done) => {
      for (const socket of app.websocketServer.clients) socket.close(serviceRestart, 'restart')
      done()
    },
  })
  const open = new Map<string, number>()
  const connected = new Set<Actor>()
  // What ended in another process, or by itself, tells nobody here. All who are connected share one look-up.
  context.tasks.every('stream sessions', limits.sweepMs, async () => {
    await Promise.all(
      [...connected].map(async (actor) => {
        if (!(await isStillOpen(context, actor))) context.live.end({ session: actor.sessionHash })
      }),
    )
  })
  await app.register(async (scope) => {
    const options = {
      websocket: true,
      schema: { hide: true, querystring: Query },
      preValidation: async (request: FastifyRequest) => {
        const fromCookie = request.headers.authorization === undefined
        if (fromCookie && !isOurOrigin(context, request)) throw new Refusal('foreign-origin')
        request.actor = await actorOf(context, request)
        if ((open.get(request.actor.userId) ?? 0) >= limits.streamsPerUserMax) throw new Refusal('rate')
      },
    } as const
    scope.get('/api/stream', options, (socket, request) => {
      const actor = request.actor!
      open.set(actor.userId, (open.get(actor.userId) ?? 0) + 1)
      const stream = openStream(context, hub, actor, socket)
      connected.add(actor)
      // Before anything asynchronous: a frame that comes meanwhile would reach nobody.
      socket.on('message', (data: Buffer) => stream.receive(data.toString()))
      socket.on('error', (error) => context.logger.debug({ err: error }, 'A stream broke.'))
      const leave = context.live.connect({
        user: actor.userId,
        session: actor.sessionHash,
        end: () => {
          stream.end()
          socket.close(sessionEnded, 'session-ended')
        },
      })
      socket.on('close', () => {
        leave()
        connected.delete(actor)
        stream.end()
        const left = (open.get(actor.userId) ?? 1) - 1
        if (left === 0) open.delete(actor.userId)
        else open.set(actor.userId, left)
      })
      const { space, after } = request.query as z.output<typeof Query>
      if (space) stream.receive(JSON.stringify({ type: 'subscribe', space, after }))
    })
  })
}
