import * as contracts from '#schema/api/branches.ts'
import type { Context } from '#server/context.ts'
import { auditOf } from '#server/domain/audit.ts'
import { branchesOf, entriesAside } from '#server/peers/truth/branch-views.ts'
import { chooseBranch } from '#server/peers/truth/branches.ts'
import { takeEpoch } from '#server/peers/truth/take-epoch.ts'
import { type App, serve } from '../serve.ts'

export function branchRoutes(app: App, context: Context): void {
  serve(app, context, contracts.viewBranches, async ({ params }) => await branchesOf(context, params.spaceId))

  serve(app, context, contracts.listAside, async ({ params: { spaceId, cutAt }, query }) => ({
    entries: await entriesAside(context, spaceId, { cutAt, ...query }),
  }))

  serve(app, context, contracts.chooseBranch, async ({ actor, params: { spaceId: space }, body }) => {
    const { seq, hash, from } = body
    const subject = `${space} ${seq} ${hash} ${from ?? context.node}`
    const audit = auditOf(context, actor, { act: 'space.chooseBranch', subject })
    return await chooseBranch(context, { space, seq, hash, from }, audit)
  })

  serve(app, context, contracts.takeEpoch, async ({ actor, params: { spaceId: space }, body }) => {
    const subject = `${space} ${body.epoch} ${body.hash}`
    const audit = auditOf(context, actor, { act: 'space.takeEpoch', subject })
    return await takeEpoch(context, { space, ...body }, audit)
  })
}
