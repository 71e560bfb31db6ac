import * as contracts from '#schema/api/sessions.ts'
import type { Context } from '#server/context.ts'
import { endSessionsOf, listSessionsOf } from '#server/domain/administration.ts'
import { listSessions, revokeSession, signIn, signOut } from '#server/domain/sessions.ts'
import { deviceOf, forgetSession, keepSession } from '../actor.ts'
import { type App, serve } from '../serve.ts'

export function sessionRoutes(app: App, context: Context): void {
  serve(app, context, contracts.createSession, async ({ body, request, reply }) => {
    const session = await signIn(context, { ...body, device: deviceOf(request) })
    keepSession(context, reply, session)
    return session
  })

  serve(app, context, contracts.endSession, async ({ actor, reply }) => {
    await signOut(context, actor)
    forgetSession(context, reply)
    return null
  })

  serve(
    app,
    context,
    contracts.listSessions,
    async ({ actor }) => await listSessions(context, actor, actor.userId),
  )

  serve(app, context, contracts.revokeSession, async ({ actor, params }) => {
    await revokeSession(context, actor, params.sessionId)
    return null
  })

  serve(
    app,
    context,
    contracts.listSessionsOf,
    async ({ actor, params }) => await listSessionsOf(context, actor, params.userId),
  )

  serve(app, context, contracts.revokeSessionsOf, async ({ actor, params }) => {
    await endSessionsOf(context, actor, params.userId)
    return null
  })
}
