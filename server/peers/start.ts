import type { Context } from '#server/context.ts'
import { startCatchUp } from './catch-up.ts'
import { startControl } from './control.ts'
import { startDelivery } from './deliver.ts'
import { startGuestClaims } from './guest-claims.ts'
import { startHistories } from './histories.ts'
import { startHousekeeping } from './housekeeping.ts'
import { startIdentities } from './identity-lane.ts'
import { startInviteChores } from './invite-chores.ts'
import { startLeases } from './lease-lane.ts'
import { startPurges } from './purge-lane.ts'
import { startSubmitting } from './submit.ts'

/** Everything that a node does with other nodes by itself. Each lane is independent of the others. */
export function startPeerWork(context: Context): void {
  startControl(context)
  startLeases(context)
  startIdentities(context)
  startPurges(context)
  startDelivery(context)
  startSubmitting(context)
  startCatchUp(context)
  startHistories(context)
  startInviteChores(context)
  startGuestClaims(context)
  startHousekeeping(context)
}
