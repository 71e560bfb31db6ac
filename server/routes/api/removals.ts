import * as contracts from '#schema/api/removals.ts'
import type { Context } from '#server/context.ts'
import { endMembership } from '#server/domain/end-membership.ts'
import { freezeSpace, removeCompany } from '#server/domain/host-acts.ts'
import { listHosts } from '#server/domain/hosts.ts'
import { liftHold, listHolds, placeHold } from '#server/domain/legal-holds.ts'
import { previewRemoval } from '#server/domain/removal-preview.ts'
import { listRemovalRecords, listRemovals } from '#server/domain/removals.ts'
import { discardUnsent, listUnsent } from '#server/domain/unsent.ts'
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

  serve(
    app,
    context,
    contracts.previewRemoval,
    async ({ actor, params, query }) => await previewRemoval(context, actor, { ...params, ...query }),
  )

  serve(
    app,
    context,
    contracts.removeCompany,
    async ({ actor, params }) => await removeCompany(context, actor, params),
  )

  serve(
    app,
    context,
    contracts.freezeSpace,
    async ({ actor, params, body }) => await freezeSpace(context, actor, { ...params, ...body }),
  )

  serve(
    app,
    context,
    contracts.endMembership,
    async ({ actor, params }) => await endMembership(context, actor, params),
  )

  serve(app, context, contracts.listHosts, async ({ actor }) => await listHosts(context, actor))

  serve(
    app,
    context,
    contracts.listUnsent,
    async ({ actor, query }) => await listUnsent(context, actor, query),
  )

  serve(
    app,
    context,
    contracts.discardUnsent,
    async ({ actor, params }) => await discardUnsent(context, actor, params.id),
  )

  serve(app, context, contracts.listHolds, async () => await listHolds(context))

  serve(
    app,
    context,
    contracts.placeHold,
    async ({ actor, params }) => await placeHold(context, actor, params.scope),
  )

  serve(
    app,
    context,
    contracts.liftHold,
    async ({ actor, params }) => await liftHold(context, actor, params.scope),
  )
}
