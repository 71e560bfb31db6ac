import { beginDm as contract } from '#schema/api/dms.ts'
import type { Context } from '#server/context.ts'
import { beginDm } from '#server/domain/dms.ts'
import { type App, serve } from '../serve.ts'

export function dmRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contract,
    async ({ actor, body, idempotencyKey }) => await beginDm(context, actor, { ...body, idempotencyKey }),
  )
}
