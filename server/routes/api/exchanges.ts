import { listExchanges } from '#schema/api/exchanges.ts'
import type { Context } from '#server/context.ts'
import { pageOfExchanges } from '#server/peers/exchange/exchange-pages.ts'
import { type App, serve } from '../serve.ts'

export function exchangeRoutes(app: App, context: Context): void {
  serve(app, context, listExchanges, async ({ query }) => await pageOfExchanges(context, query))
}
