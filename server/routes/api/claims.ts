import * as contracts from '#schema/api/claims.ts'
import type { Context } from '#server/context.ts'
import { claimGuest } from '#server/peers/invites/guest-claims.ts'
import { claimInvitation } from '#server/peers/invites/claims.ts'
import { type App, serve } from '../serve.ts'

export function claimRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.claimInvitation,
    async ({ actor, body }) => await claimInvitation(context, actor, body),
  )

  serve(app, context, contracts.claimGuest, async ({ actor, body }) => await claimGuest(context, actor, body))
}
