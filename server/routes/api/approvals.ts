import * as contracts from '#schema/api/approvals.ts'
import type { Context } from '#server/context.ts'
import { decideApproval, findUnapproved, listApprovals } from '#server/domain/approvals.ts'
import { introduce } from '#server/peers/partners/trust.ts'
import { type App, serve } from '../serve.ts'

export function approvalRoutes(app: App, context: Context): void {
  serve(app, context, contracts.listApprovals, async ({ actor }) => await listApprovals(context, actor))

  serve(app, context, contracts.approve, async ({ actor, params }) => {
    // What is approved towards a company that is no partner makes it one: it has to be found first.
    const company = await findUnapproved(context, params.approvalId)
    if (company !== undefined) await introduce(context, actor, company)
    return await decideApproval(context, actor, { ...params, yes: true })
  })

  serve(
    app,
    context,
    contracts.refuse,
    async ({ actor, params }) => await decideApproval(context, actor, { ...params, yes: false }),
  )
}
