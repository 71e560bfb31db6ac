import type { UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { Buckets } from '#server/ports/buckets.ts'
import { Refusal } from '#server/refusal.ts'

// How fast one person may write (Q6): the same for our own people before an event is signed as for others when it
// arrives, so that nothing is queued which its host would hold back. What changes the state has limits of its own.

const bucketsOf = new WeakMap<object, Buckets<UserId>>()

/** Counts an event, or refuses it before anything is done for it. */
export function takeEvent(context: Context, user: UserId): void {
  const buckets = bucketsOf.get(context.tasks) ?? new Buckets(limits.sourcesRememberedMax)
  bucketsOf.set(context.tasks, buckets)
  const waitMs = buckets.take(user, context.config.eventsPerUser, { now: context.clock.mono() })
  if (waitMs > 0) throw new Refusal('rate', { limit: 'events', retryAfter: Math.ceil(waitMs / 1000) })
}
