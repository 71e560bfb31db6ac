import * as contracts from '#schema/api/why.ts'
import type { Context } from '#server/context.ts'
import { explain } from '#server/peers/why/explain.ts'
import { Refusal } from '#server/refusal.ts'
import { type App, serve } from '../serve.ts'

export function whyRoutes(app: App, context: Context): void {
  serve(app, context, contracts.explain, async ({ params }) => {
    const explanations = await explain(context, params.id)
    if (explanations.length === 0) throw new Refusal('not-found')
    return { explanations }
  })
}
