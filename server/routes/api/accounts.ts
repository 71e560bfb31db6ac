import * as contracts from '#schema/api/accounts.ts'
import type { Context } from '#server/context.ts'
import { createAccount } from '#server/domain/accounts.ts'
import * as administration from '#server/domain/administration.ts'
import { changeProfile } from '#server/domain/profiles.ts'
import { getMe } from '#server/domain/sessions.ts'
import { deviceOf, keepSession } from '../actor.ts'
import { type App, serve } from '../serve.ts'

export function accountRoutes(app: App, context: Context): void {
  serve(app, context, contracts.createAccount, async ({ body, request, reply }) => {
    const created = await createAccount(context, { ...body, device: deviceOf(request) })
    keepSession(context, reply, created.session)
    return created
  })

  serve(app, context, contracts.getMe, async ({ actor }) => await getMe(context, actor))

  serve(
    app,
    context,
    contracts.changeMe,
    async ({ actor, body }) => await changeProfile(context, actor, body),
  )

  serve(
    app,
    context,
    contracts.listAccounts,
    async ({ actor, query }) => await administration.listAccounts(context, actor, query),
  )

  serve(
    app,
    context,
    contracts.suspendAccount,
    async ({ actor, params }) => await administration.suspendAccount(context, actor, params.userId),
  )

  serve(
    app,
    context,
    contracts.reactivateAccount,
    async ({ actor, params }) => await administration.reactivateAccount(context, actor, params.userId),
  )

  serve(app, context, contracts.deleteAccount, async ({ actor, params }) => {
    await administration.deleteAccount(context, actor, params.userId)
    return null
  })

  serve(
    app,
    context,
    contracts.changeRole,
    async ({ actor, params, body }) =>
      await administration.changeRole(context, actor, { ...params, ...body }),
  )
}
