import * as contracts from '#schema/api/peer-limits.ts'
import type { Context } from '#server/context.ts'
import { getPeerLimits, putPeerLimits } from '#server/peers/partners/limits.ts'
import { type App, serve } from '../serve.ts'

export function peerLimitRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.getPeerLimits,
    async ({ params }) => await getPeerLimits(context, params.node),
  )

  serve(
    app,
    context,
    contracts.putPeerLimits,
    async ({ actor, params, body }) => await putPeerLimits(context, actor, { ...params, set: body }),
  )
}
