import * as contracts from '#schema/api/mail-invitations.ts'
import type { Context } from '#server/context.ts'
import { acceptMailInvitation } from '#server/domain/guests.ts'
import { confirmClaim, handOver } from '#server/domain/mail-claims.ts'
import {
  declineMailInvitation,
  openMailInvitation,
  sendInvitationCode,
} from '#server/domain/mail-invitations.ts'
import { deviceOf, keepSession } from '../actor.ts'
import { type App, serve } from '../serve.ts'

export function mailInvitationRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.openMailInvitation,
    async ({ body }) => await openMailInvitation(context, body.token),
  )

  serve(
    app,
    context,
    contracts.sendInvitationCode,
    async ({ body }) => await sendInvitationCode(context, body.token),
  )

  serve(app, context, contracts.acceptMailInvitation, async ({ body, request, reply }) => {
    const taken = await acceptMailInvitation(context, { ...body, device: deviceOf(request) })
    keepSession(context, reply, taken.session)
    return taken
  })

  serve(
    app,
    context,
    contracts.declineMailInvitation,
    async ({ body }) => await declineMailInvitation(context, body.token),
  )

  serve(app, context, contracts.handOverMailInvitation, async ({ body }) => await handOver(context, body))

  serve(
    app,
    context,
    contracts.confirmClaim,
    async ({ actor, params }) => await confirmClaim(context, actor, params),
  )
}
