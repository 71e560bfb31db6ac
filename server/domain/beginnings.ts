import { hash as digestOf } from 'node:crypto'
import { type Event, readEvent } from '#federation/event.ts'
import type { MessagePost } from '#schema/event/message-post.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { storeOnce } from '#server/db/beginnings.ts'
import type { Tx } from '#server/db/open.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { takeEvent } from './event-rate.ts'
import { append, eventOf, putPending, requestHashOf, writtenOf, type Wish } from './write.ts'

/** Begins a space that we host. The same wish under the same key is one space, however often it is sent. */
export async function beginSpace(
  context: Context,
  actor: Actor,
  wish: Wish<'space.create'>,
): Promise<SpaceId> {
  const event = await storeBeginning(context, actor, { wish, host: context.node })
  const { type, content, groups = [] } = wish
  writtenOf(await append(context, actor, event, { type, content, groups }))
  return `s_${event.hash}` as SpaceId
}

export type Elsewhere = {
  readonly wish: Wish<'space.create'>
  readonly host: NodeId
  /** The first that is written in it. */
  readonly message?: MessagePost | undefined
}

/**
 * Starts a thread that another company hosts, because it hosts the groups that the thread addresses: the genesis waits
 * for it with the first message, and both go in one submission (A15).
 */
export async function beginElsewhere(context: Context, actor: Actor, begun: Elsewhere): Promise<SpaceId> {
  const { host, message } = begun
  takeEvent(context, actor.userId)
  if (message) takeEvent(context, actor.userId)
  const genesis = await storeBeginning(context, actor, {
    ...begun,
    store: async (tx, event) => {
      const id = `s_${event.hash}` as SpaceId
      const { id: key } = event.header
      await putPending(context, tx, event, { idempotencyKey: key, requestHash: requestHashOf(begun.wish) })
      if (!message) return
      const post: Wish<'msg.post'> = { type: 'msg.post', content: message }
      const first = eventOf(context, actor, { id, host }, post)
      const idempotencyKey = begun.wish.idempotencyKey!
      await putPending(context, tx, first, { idempotencyKey, requestHash: requestHashOf(post) })
    },
  })
  context.wake.signal('submit')
  return `s_${genesis.hash}` as SpaceId
}

type Storing = Elsewhere & {
  /** What is written with a genesis that is new. */
  readonly store?: (tx: Tx, event: Event) => Promise<void>
}

/**
 * Stores the genesis under its idempotency key, or finds the one that is there: the same event appended twice is
 * one space.
 */
async function storeBeginning(
  context: Context,
  actor: Actor,
  { wish, host, message, store }: Storing,
): Promise<Event> {
  const event = eventOf(context, actor, { id: null, host }, wish)
  const requestHash = hashOf(wish, message)
  const { header, salt, content } = event.wire
  const stored = await context.db.transaction().execute(async (tx) => {
    const row = await storeOnce(tx, {
      sender: actor.userId,
      idempotencyKey: wish.idempotencyKey!,
      requestHash,
      header,
      salt: salt!,
      content: content!,
      createdAt: context.clock.now(),
    })
    if (row.header === header) await store?.(tx, event)
    return row
  })
  if (stored.requestHash !== requestHash) throw new Refusal('idempotency-conflict')
  const read = readEvent({ header: stored.header, salt: stored.salt, content: stored.content })
  if (!read.ok) throw new Error(`A stored genesis is not one: ${read.code}.`)
  return read.value
}

/** With another first message it is another request. */
function hashOf(wish: Wish<'space.create'>, message: MessagePost | undefined): string {
  const request = requestHashOf(wish)
  return message === undefined ? request : digestOf('sha256', JSON.stringify([request, message]), 'base64url')
}
