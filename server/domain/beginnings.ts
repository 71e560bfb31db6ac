import { type Event, readEvent } from '#federation/event.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { storeOnce } from '#server/db/beginnings.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { append, eventOf, requestHashOf, writtenOf, type Wish } from './write.ts'

/** Begins a space that we host. The same wish under the same key is one space, however often it is sent. */
export async function beginSpace(
  context: Context,
  actor: Actor,
  wish: Wish<'space.create'>,
): Promise<SpaceId> {
  const event = await storeBeginning(context, actor, wish)
  const { type, content, groups = [] } = wish
  writtenOf(await append(context, actor, event, { type, content, groups }))
  return `s_${event.hash}` as SpaceId
}

/**
 * Stores the genesis under its idempotency key, or finds the one that is there: the same event appended twice is
 * one space.
 */
async function storeBeginning(context: Context, actor: Actor, wish: Wish<'space.create'>): Promise<Event> {
  const event = eventOf(context, actor, { id: null, host: context.node }, wish)
  const requestHash = requestHashOf(wish)
  const { header, salt, content } = event.wire
  const stored = await context.db.transaction().execute(
    async (tx) =>
      await storeOnce(tx, {
        sender: actor.userId,
        idempotencyKey: wish.idempotencyKey!,
        requestHash,
        header,
        salt: salt!,
        content: content!,
        createdAt: context.clock.now(),
      }),
  )
  if (stored.requestHash !== requestHash) throw new Refusal('idempotency-conflict')
  const read = readEvent({ header: stored.header, salt: stored.salt, content: stored.content })
  if (!read.ok) throw new Error(`A stored genesis is not one: ${read.code}.`)
  return read.value
}
