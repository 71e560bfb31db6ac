import { getRecovery } from '#schema/api/recovery.ts'
import type { Context } from '#server/context.ts'
import { viewRecovery } from '#server/domain/recovery.ts'
import { type App, serve } from '../serve.ts'

export function recoveryRoutes(app: App, context: Context): void {
  serve(app, context, getRecovery, async () => await viewRecovery(context))
}
