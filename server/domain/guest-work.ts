import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { sweepCodes } from './codes.ts'
import { expireGuests } from './guest-administration.ts'
import { moveClaimedGuests } from './guest-moves.ts'
import { sweepTakenUp } from './guests.ts'
import { sweepPasskeyChallenges } from './passkeys.ts'

const hourMs = 60 * 60 * 1000

/** What is done by itself for people without a workspace, and for the ways in that need no password. */
export function startGuestWork(context: Context): void {
  context.tasks.every('invitations taken up', limits.sweepMs, async () => await sweepTakenUp(context))
  context.wake.listen('guests', () => {
    context.tasks.spawn('guests who move', async () => await moveClaimedGuests(context))
  })
  context.tasks.every('guests who move', limits.sweepMs, async () => await moveClaimedGuests(context))
  context.tasks.every('codes and challenges', hourMs, async () => {
    await sweepCodes(context)
    await sweepPasskeyChallenges(context)
  })
  context.tasks.every('unused free accounts', hourMs, async () => await expireGuests(context))
}
