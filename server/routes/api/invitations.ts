import * as contracts from '#schema/api/invitations.ts'
import type { Context } from '#server/context.ts'
import { answerInvitation, listInvitations } from '#server/domain/invitation-answers.ts'
import { invite, resendInvitation, revokeInvitation } from '#server/domain/invitations.ts'
import { findNodeOfInvitee } from '#server/peers/discovery/mail-domains.ts'
import { type App, serve } from '../serve.ts'

export function invitationRoutes(app: App, context: Context): void {
  serve(app, context, contracts.invite, async ({ actor, params, body }) => {
    const mailNode = await findNodeOfInvitee(context, body.to)
    return await invite(context, actor, { ...params, ...body, mailNode })
  })

  serve(app, context, contracts.listInvitations, async ({ actor }) => await listInvitations(context, actor))

  serve(
    app,
    context,
    contracts.acceptInvitation,
    async ({ actor, params }) => await answerInvitation(context, actor, { ...params, answer: 'accept' }),
  )

  serve(
    app,
    context,
    contracts.declineInvitation,
    async ({ actor, params }) => await answerInvitation(context, actor, { ...params, answer: 'decline' }),
  )

  serve(
    app,
    context,
    contracts.resendInvitation,
    async ({ actor, params }) => await resendInvitation(context, actor, params),
  )

  serve(
    app,
    context,
    contracts.revokeInvitation,
    async ({ actor, params }) => await revokeInvitation(context, actor, params),
  )
}
