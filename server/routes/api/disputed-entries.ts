import { listDisputedEntries } from '#schema/api/disputed-entries.ts'
import type { Context } from '#server/context.ts'
import { pageOfDisputed } from '#server/domain/disputed-entries.ts'
import { type App, serve } from '../serve.ts'

export function disputedEntryRoutes(app: App, context: Context): void {
  serve(app, context, listDisputedEntries, async ({ query }) => await pageOfDisputed(context, query))
}
