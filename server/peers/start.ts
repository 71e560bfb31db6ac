import type { Context } from '#server/context.ts'
import { startCatchUp } from './log/catch-up.ts'
import { startControl } from './control.ts'
import { startIntroductions } from './discovery/introductions.ts'
import { startDelivery } from './log/deliver.ts'
import { startGuestClaims } from './invites/guest-claims.ts'
import { startHistories } from './log/histories.ts'
import { startHousekeeping } from './housekeeping.ts'
import { startIdentities } from './identities/lane.ts'
import { startInviteChores } from './invites/chores.ts'
import { startOwnKeys } from './own-keys/rotate.ts'
import { startLeases } from './removal/lease-lane.ts'
import { noticeCopy } from './recovery/copy.ts'
import { startRecovery } from './recovery/lane.ts'
import { startMarks } from './recovery/marks.ts'
import { startPurges } from './removal/purge-lane.ts'
import { startTruthChores } from './truth/chores.ts'
import { startSubmitting } from './log/submit.ts'

/** Everything that a node does with other nodes by itself. Each lane is independent of the others. */
export function startPeerWork(context: Context): void {
  startMarks(context)
  context.tasks.once('peer work', async () => {
    await noticeCopy(context)
    if (!context.tasks.signal.aborted) startLanes(context)
  })
}

function startLanes(context: Context): void {
  startRecovery(context)
  startOwnKeys(context)
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
  startTruthChores(context)
  startHousekeeping(context)
  startIntroductions(context)
}
