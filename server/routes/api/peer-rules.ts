import * as contracts from '#schema/api/peer-rules.ts'
import type { Context } from '#server/context.ts'
import { deletePeerRule, listPeerRules, previewPeerRule, putPeerRule } from '#server/domain/peer-rules.ts'
import { type App, serve } from '../serve.ts'

export function peerRuleRoutes(app: App, context: Context): void {
  serve(app, context, contracts.listPeerRules, async () => await listPeerRules(context))

  serve(
    app,
    context,
    contracts.previewPeerRule,
    async ({ body }) => await previewPeerRule(context, body.pattern),
  )

  serve(
    app,
    context,
    contracts.putPeerRule,
    async ({ actor, body }) => await putPeerRule(context, actor, body),
  )

  serve(
    app,
    context,
    contracts.deletePeerRule,
    async ({ actor, params }) => await deletePeerRule(context, actor, params.pattern),
  )
}
