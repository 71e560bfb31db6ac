import { listSecurityEvents } from '#schema/api/security-events.ts'
import type { Context } from '#server/context.ts'
import { pageOfSecurityEvents } from '#server/domain/security-events.ts'
import { type App, serve } from '../serve.ts'

export function securityEventRoutes(app: App, context: Context): void {
  serve(app, context, listSecurityEvents, async ({ query }) => await pageOfSecurityEvents(context, query))
}
