import type { UserId } from '#schema/ids.ts'
import type { Live } from '#server/ports/live.ts'
import type { Placed } from './intent.ts'

/** Makes the open views ask the door again whose access these entries may have ended. */
export function recheckViews(live: Live, placed: readonly Placed[]): void {
  for (const { space, event } of placed) {
    const { type } = event.header
    // Somebody who leaves a group leaves the threads behind it too, so all views of that user ask again.
    if (type === 'member.leave' || type === 'member.remove') {
      live.recheck({ user: (event.content as { user: UserId }).user })
    }
    if (type === 'recipient.remove') live.recheck({ space })
  }
}
