import * as contracts from '#schema/api/removals.ts'
import type { Context } from '#server/context.ts'
import { listRemovalRecords, listRemovals } from '#server/domain/removals.ts'
import { type App, serve } from '../serve.ts'

export function removalRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.listRemovals,
    async ({ actor, params }) => await listRemovals(context, actor, params.spaceId),
  )

  serve(
    app,
    context,
    contracts.listRemovalRecords,
    async ({ query }) => await listRemovalRecords(context, query),
  )
}
