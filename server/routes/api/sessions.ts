import * as contracts from '#schema/api/sessions.ts'
import type { Context } from '#server/context.ts'
import { signIn, signOut } from '#server/domain/sessions.ts'
import { forgetSession, keepSession } from '../actor.ts'
import { type App, serve } from '../serve.ts'

export function sessionRoutes(app: App, context: Context): void {
  serve(app, context, contracts.createSession, async ({ body, reply }) => {
    const session = await signIn(context, body)
    keepSession(context, reply, session)
    return session
  })

  serve(app, context, contracts.endSession, async ({ actor, reply }) => {
    await signOut(context, actor)
    forgetSession(context, reply)
    return null
  })
}
