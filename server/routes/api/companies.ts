import { previewCompanies as contract } from '#schema/api/companies.ts'
import type { Context } from '#server/context.ts'
import { previewCompanies } from '#server/domain/companies.ts'
import { type App, serve } from '../serve.ts'

export function companyRoutes(app: App, context: Context): void {
  serve(app, context, contract, async ({ actor, body }) => await previewCompanies(context, actor, body))
}
