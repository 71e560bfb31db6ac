import type { UserId } from '#schema/ids.ts'
import type { Live } from '#server/ports/live.ts'
import type { Wake } from '#server/ports/wake.ts'
import type { Placed } from './intent.ts'

const endings = new Set(['member.leave', 'member.remove', 'recipient.remove'])

/**
 * After a commit that ended somebody's access: the open views ask the door again, and the control lane looks for
 * the fences that were written with it, at once.
 */
export function announceEndings(
  ports: { readonly live: Live; readonly wake: Wake },
  placed: readonly Placed[],
): void {
  const ended = placed.filter(({ event }) => endings.has(event.header.type))
  if (ended.length === 0) return
  for (const { space, event } of ended) {
    // Somebody who leaves a group leaves the threads behind it too, so all views of that user ask again.
    const { user } = event.content as { readonly user?: UserId }
    ports.live.recheck(user === undefined ? { space } : { user })
  }
  ports.wake.signal('control')
}
