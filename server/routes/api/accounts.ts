import * as contracts from '#schema/api/accounts.ts'
import type { Context } from '#server/context.ts'
import { createAccount } from '#server/domain/accounts.ts'
import { getMe } from '#server/domain/sessions.ts'
import { keepSession } from '../actor.ts'
import { type App, serve } from '../serve.ts'

export function accountRoutes(app: App, context: Context): void {
  serve(app, context, contracts.createAccount, async ({ body, reply }) => {
    const created = await createAccount(context, body)
    keepSession(context, reply, created.session)
    return created
  })

  serve(app, context, contracts.getMe, async ({ actor }) => await getMe(context, actor))
}
