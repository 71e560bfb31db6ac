import * as contracts from '#schema/api/policies.ts'
import type { Context } from '#server/context.ts'
import { dryRunPolicy, listDecisions } from '#server/domain/decisions.ts'
import {
  getPeerPolicy,
  getPolicies,
  getSpacePolicy,
  putPeerPolicy,
  putPolicies,
  putSpacePolicy,
} from '#server/domain/policies.ts'
import { type App, serve } from '../serve.ts'

export function policyRoutes(app: App, context: Context): void {
  serve(app, context, contracts.getPolicies, async () => await getPolicies(context))

  serve(
    app,
    context,
    contracts.putPolicies,
    async ({ actor, body }) => await putPolicies(context, actor, body),
  )

  serve(
    app,
    context,
    contracts.getPeerPolicy,
    async ({ params }) => await getPeerPolicy(context, params.node),
  )

  serve(
    app,
    context,
    contracts.putPeerPolicy,
    async ({ actor, params, body }) => await putPeerPolicy(context, actor, { ...params, settings: body }),
  )

  serve(
    app,
    context,
    contracts.getSpacePolicy,
    async ({ actor, params }) => await getSpacePolicy(context, actor, params.spaceId),
  )

  serve(
    app,
    context,
    contracts.putSpacePolicy,
    async ({ actor, params, body }) => await putSpacePolicy(context, actor, { ...params, settings: body }),
  )

  serve(app, context, contracts.listDecisions, async ({ query }) => await listDecisions(context, query))

  serve(app, context, contracts.dryRunPolicy, async ({ body }) => await dryRunPolicy(context, body))
}
