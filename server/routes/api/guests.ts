import * as contracts from '#schema/api/guests.ts'
import type { Context } from '#server/context.ts'
import { convertGuest, disableGuest, enableGuest, listGuests } from '#server/domain/guest-administration.ts'
import { moveGuest } from '#server/domain/guest-moves.ts'
import { type App, serve } from '../serve.ts'

export function guestRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.listGuests,
    async ({ actor, query }) => await listGuests(context, actor, query),
  )

  serve(
    app,
    context,
    contracts.disableGuest,
    async ({ actor, params }) => await disableGuest(context, actor, params.userId),
  )

  serve(
    app,
    context,
    contracts.enableGuest,
    async ({ actor, params }) => await enableGuest(context, actor, params.userId),
  )

  serve(
    app,
    context,
    contracts.convertGuest,
    async ({ actor, params, body }) => await convertGuest(context, actor, { ...params, ...body }),
  )

  serve(app, context, contracts.moveGuest, async ({ actor, body }) => await moveGuest(context, actor, body))
}
