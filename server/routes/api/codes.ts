import * as contracts from '#schema/api/codes.ts'
import type { Context } from '#server/context.ts'
import { confirmEmail, getEmail, requestEmailCode, signInWithCode } from '#server/domain/code-sessions.ts'
import { requestCode } from '#server/domain/codes.ts'
import { deviceOf, keepSession } from '../actor.ts'
import { type App, serve } from '../serve.ts'

export function codeRoutes(app: App, context: Context): void {
  serve(app, context, contracts.requestCode, async ({ body }) => await requestCode(context, body))

  serve(app, context, contracts.createCodeSession, async ({ body, request, reply }) => {
    const session = await signInWithCode(context, { ...body, device: deviceOf(request) })
    keepSession(context, reply, session)
    return session
  })

  serve(app, context, contracts.getEmail, async ({ actor }) => await getEmail(context, actor))

  serve(
    app,
    context,
    contracts.requestEmailCode,
    async ({ actor, body }) => await requestEmailCode(context, actor, body),
  )

  serve(
    app,
    context,
    contracts.confirmEmail,
    async ({ actor, body }) => await confirmEmail(context, actor, body),
  )
}
