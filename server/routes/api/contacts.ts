import * as contracts from '#schema/api/contacts.ts'
import type { Context } from '#server/context.ts'
import * as contacts from '#server/domain/contacts.ts'
import { type App, serve } from '../serve.ts'

export function contactRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.listContacts,
    async ({ actor, query }) => await contacts.listContacts(context, actor, query),
  )

  serve(
    app,
    context,
    contracts.pinContact,
    async ({ actor, params }) => await contacts.pinContact(context, actor, params.userId),
  )

  serve(
    app,
    context,
    contracts.unpinContact,
    async ({ actor, params }) => await contacts.unpinContact(context, actor, params.userId),
  )

  serve(
    app,
    context,
    contracts.getInvitationSettings,
    async ({ actor }) => await contacts.getInvitationSettings(context, actor),
  )

  serve(
    app,
    context,
    contracts.putInvitationSettings,
    async ({ actor, body }) => await contacts.putInvitationSettings(context, actor, body),
  )
}
