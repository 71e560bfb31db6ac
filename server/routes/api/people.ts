import * as contracts from '#schema/api/people.ts'
import type { Context } from '#server/context.ts'
import { getProfile } from '#server/domain/people.ts'
import { type App, serve } from '../serve.ts'

export function peopleRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.getPerson,
    async ({ actor, params }) => await getProfile(context, actor, params.userId),
  )
}
