import * as contracts from '#schema/api/spaces.ts'
import type { Context } from '#server/context.ts'
import { listEntries } from '#server/domain/entries.ts'
import { addMember, removeMember } from '#server/domain/members.ts'
import { postMessage } from '#server/domain/messages.ts'
import { addGroup, removeGroup } from '#server/domain/recipients.ts'
import { createSpace, getSpace, listSpaces, markRead } from '#server/domain/spaces.ts'
import { type App, serve } from '../serve.ts'

export function spaceRoutes(app: App, context: Context): void {
  serve(
    app,
    context,
    contracts.listSpaces,
    async ({ actor, query }) => await listSpaces(context, actor, query),
  )

  serve(
    app,
    context,
    contracts.createSpace,
    async ({ actor, body, idempotencyKey }) => await createSpace(context, actor, { ...body, idempotencyKey }),
  )

  serve(
    app,
    context,
    contracts.getSpace,
    async ({ actor, params }) => await getSpace(context, actor, params.spaceId),
  )

  serve(
    app,
    context,
    contracts.listEntries,
    async ({ actor, params, query }) => await listEntries(context, actor, { ...params, ...query }),
  )

  serve(
    app,
    context,
    contracts.postMessage,
    async ({ actor, params, body, idempotencyKey }) =>
      await postMessage(context, actor, { ...params, ...body, idempotencyKey }),
  )

  serve(
    app,
    context,
    contracts.addMember,
    async ({ actor, params, body, idempotencyKey }) =>
      await addMember(context, actor, { ...params, ...body, idempotencyKey }),
  )

  serve(
    app,
    context,
    contracts.removeMember,
    async ({ actor, params }) => await removeMember(context, actor, params),
  )

  serve(
    app,
    context,
    contracts.addGroup,
    async ({ actor, params, body, idempotencyKey }) =>
      await addGroup(context, actor, { ...params, ...body, idempotencyKey }),
  )

  serve(
    app,
    context,
    contracts.removeGroup,
    async ({ actor, params }) => await removeGroup(context, actor, params),
  )

  serve(
    app,
    context,
    contracts.markRead,
    async ({ actor, params, body }) => await markRead(context, actor, { ...params, ...body }),
  )
}
