import * as contracts from '#schema/api/passkeys.ts'
import type { Context } from '#server/context.ts'
import { beginPasskeySession, signInWithPasskey } from '#server/domain/passkey-sessions.ts'
import { addPasskey, beginPasskey, listPasskeys, removePasskey } from '#server/domain/passkeys.ts'
import { deviceOf, keepSession } from '../actor.ts'
import { type App, serve } from '../serve.ts'

export function passkeyRoutes(app: App, context: Context): void {
  serve(app, context, contracts.listPasskeys, async ({ actor }) => await listPasskeys(context, actor))

  serve(app, context, contracts.beginPasskey, async ({ actor }) => await beginPasskey(context, actor))

  serve(app, context, contracts.addPasskey, async ({ actor, body }) => await addPasskey(context, actor, body))

  serve(app, context, contracts.removePasskey, async ({ actor, params }) => {
    await removePasskey(context, actor, params.passkeyId)
    return null
  })

  serve(app, context, contracts.beginPasskeySession, async () => await beginPasskeySession(context))

  serve(app, context, contracts.createPasskeySession, async ({ body, request, reply }) => {
    const session = await signInWithPasskey(context, { ...body, device: deviceOf(request) })
    keepSession(context, reply, session)
    return session
  })
}
