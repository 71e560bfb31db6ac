import * as contracts from '#schema/api/enrolments.ts'
import type { Context } from '#server/context.ts'
import { inviteMember } from '#server/domain/enrolments.ts'
import { type App, serve } from '../serve.ts'

export function enrolmentRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.createEnrolment,
    async ({ actor, body }) => await inviteMember(context, actor, body ?? {}),
  )
}
