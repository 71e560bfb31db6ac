import { hash as digestOf } from 'node:crypto'
import { buildEvent, type Event } from '#federation/event.ts'
import { accept } from '#federation/outcome.ts'
import type { Written } from '#schema/api/spaces.ts'
import { type ContentOf, type EventType, eventTypes, isStateType } from '#schema/event/types.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { Context } from '#server/context.ts'
import { findKnown } from '#server/db/entries.ts'
import { listHolding } from '#server/db/holds.ts'
import type { ReachedSpace } from '#server/db/access.ts'
import type { Tx } from '#server/db/open.ts'
import { countPending, insertPending, type PendingRow, takePending } from '#server/db/pending.ts'
import type { SpaceRow } from '#server/db/spaces.ts'
import type { Intent, Settled } from '#server/log/intent.ts'
import { newEventId } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { takeEvent } from './event-rate.ts'

// How a use case writes: it builds one event in its actor's name and hands it to the log. Where another node
// hosts the space the event waits in `pending`, and delivery submits it; the use case cannot tell the difference.

export type Wish<T extends EventType> = {
  readonly type: T
  readonly content: ContentOf<T>
  /** Groups that the event addresses anew. */
  readonly groups?: readonly SpaceId[]
  readonly idempotencyKey?: string
}

/** In whose name something is written. */
export type Author = Pick<Actor, 'userId' | 'identityVersion'>

/** Appends an event to a space that the actor has come to through a door. */
export async function writeEvent<T extends EventType>(
  context: Context,
  actor: Author,
  space: SpaceRow & { readonly access?: ReachedSpace['access'] },
  wish: Wish<T>,
): Promise<Written> {
  const event = eventOf(context, actor, { id: space.id, host: space.host }, wish)
  if (!isStateType(wish.type)) takeEvent(context, actor.userId)
  if (space.host === context.node) return writtenOf(await append(context, actor, event, wish))
  if (isStateType(wish.type) && !submittable.has(wish.type)) {
    throw new Refusal('not-host', { host: space.host })
  }
  // Leaving is everybody's own, and how one gets out of what is stopped.
  if (wish.type !== 'member.leave') await expectTaken(context, space)
  return await enqueue(context, actor, event, wish)
}

/** Does a space of another host take anything in, as far as we know? */
export async function expectTaken(
  context: Context,
  space: SpaceRow & { readonly access?: ReachedSpace['access'] },
): Promise<void> {
  if (space.frozen !== null) throw new Refusal('space-frozen')
  if ((await listHolding(context.db, space.id)).length > 0) throw new Refusal('space-held')
  if (space.access !== undefined && space.access !== 'open') {
    throw new Refusal('host-silent', { host: space.host })
  }
}

/** What changes the state of a space that another node hosts, and is everybody's own to say. */
const submittable = new Set<EventType>(['member.leave', 'member.uninvite'])

/** Builds an event in the actor's name. `id` is null for a genesis. */
export function eventOf<T extends EventType>(
  context: Context,
  actor: Author,
  space: { readonly id: SpaceId | null; readonly host: NodeId },
  { type, content }: Wish<T>,
): Event {
  const read = eventTypes[type].shape.safeParse(content)
  if (!read.success) {
    throw new Refusal('invalid-request', { field: read.error.issues[0]?.path.join('.') ?? 'content' })
  }
  const event = buildEvent({
    id: newEventId(context.clock, context.random),
    space: space.id,
    host: space.host,
    origin: context.node,
    sender: actor.userId,
    type,
    content,
    salt: context.random.bytes(limits.saltBytes),
    ts: context.clock.now(),
    idv: actor.identityVersion,
  })
  // Before it waits for a host that would refuse it (SPEC E7).
  if (event.header.size > limits.contentBytesMax) throw new Refusal('too-large')
  return event
}

/** Appends to a log that we host. */
export async function append<T extends EventType>(
  context: Context,
  actor: Author,
  event: Event,
  wish: Wish<T>,
): Promise<Settled> {
  const space = event.header.space ?? (`s_${event.hash}` as SpaceId)
  const intent: Intent = {
    space,
    origin: context.node,
    eventId: event.header.id,
    bytes: event.wire.header.length + event.header.size,
    groups: wish.groups ?? [],
    changesState: isStateType(wish.type),
    plan: () => accept([event]),
    ...(wish.idempotencyKey === undefined
      ? {}
      : {
          idempotency: { sender: actor.userId, key: wish.idempotencyKey, requestHash: requestHashOf(wish) },
        }),
  }
  return await context.log.append(intent)
}

/** The same key asks for the same thing only when type and content are the same. */
export function requestHashOf<T extends EventType>({ type, content }: Wish<T>): string {
  const named = type === 'space.create' ? { ...content, nonce: undefined } : content
  return digestOf('sha256', JSON.stringify([type, named]), 'base64url')
}

export function writtenOf(settled: Settled): Written {
  switch (settled.status) {
    case 'accepted': {
      const { event, entry } = settled.placed
      return { state: 'accepted', id: event.header.id, seq: entry.body.seq }
    }
    case 'duplicate':
      return { state: 'accepted', id: settled.eventId, seq: settled.seq }
    case 'refused':
      throw new Refusal(forPeople(settled.code))
  }
}

/** Somebody who lost access between door and lock is told what the door would have said. */
export function forPeople(code: RefusalCode): RefusalCode {
  return code === 'not-a-member' || code === 'unknown-target' ? 'not-found' : code
}

async function enqueue<T extends EventType>(
  context: Context,
  actor: Author,
  event: Event,
  wish: Wish<T>,
): Promise<Written> {
  const { id, space } = event.header
  const request = requestHashOf(wish)
  const idempotencyKey = wish.idempotencyKey ?? id
  const known = await context.db.transaction().execute(async (tx) => {
    const waiting = await putPending(context, tx, event, { idempotencyKey, requestHash: request })
    if (waiting) return waiting
    // What came back in the log waits no longer, and its key is with its entry. Asked after the insert, which has
    // waited for whoever was just moving it there.
    const [entry] = await findKnown(tx, [], [{ space: space!, sender: actor.userId, key: idempotencyKey }])
    if (entry) await takePending(tx, [id])
    return entry
  })
  if (known && known.requestHash !== request) throw new Refusal('idempotency-conflict')
  if (known && 'seq' in known) return { state: 'accepted', id: known.eventId, seq: known.seq }
  context.wake.signal('submit')
  return { state: 'queued', id: known?.eventId ?? id }
}

/**
 * Lets an event wait for its host, whose user has written no more than may wait. Returns what waits under the same key
 * already. A genesis waits with what is written behind it.
 */
export async function putPending(
  context: Context,
  tx: Tx,
  { header, hash, wire }: Event,
  asked: { readonly idempotencyKey: string; readonly requestHash: string },
): Promise<PendingRow | undefined> {
  const { id: eventId, host, exp: expiresAt } = header
  const begins = header.space === null
  const spaceId = header.space ?? (`s_${hash}` as SpaceId)
  const sender = header.sender as UserId
  const { ofUser, ofSpace } = await countPending(tx, sender, spaceId)
  if (ofUser >= limits.pendingPerUserMax || ofSpace >= limits.pendingPerSpaceMax) {
    throw new Refusal('too-many-pending', { host })
  }
  return await insertPending(tx, {
    eventId,
    spaceId,
    host,
    sender,
    ...asked,
    header: wire.header,
    salt: wire.salt!,
    content: wire.content!,
    expiresAt,
    createdAt: context.clock.now(),
    code: null,
    begins,
  })
}
