import type { NodeId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { finishControlMessagesTo } from '#server/db/control-messages.ts'
import type { Tx } from '#server/db/open.ts'
import { setStanding } from '#server/db/peers.ts'
import { refusePendingTo } from '#server/db/pending.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
import { newUuid } from '#server/ports/random.ts'

/**
 * A company's key history says that it closes for good (K20): nothing is sent to it any more, and what it hosts is an
 * archive. That its people leave what we host follows from its standing, and is swept.
 */
export async function takeRetirement(
  context: Pick<Context, 'clock' | 'random'>,
  tx: Tx,
  node: NodeId,
): Promise<void> {
  const at = context.clock.now()
  await setStanding(tx, node, { approved: false, approvedByThem: false, retiredAt: at, archivedAt: null })
  await finishControlMessagesTo(tx, node, at, 'peer-retired')
  await refusePendingTo(tx, node, 'peer-retired')
  const detail =
    'it has closed for good; what it hosted can be read, and its people leave what is hosted here'
  const id = newUuid(context.clock, context.random)
  await insertSecurityEvent(tx, { id, at, kind: 'peer-retired', peer: node, spaceId: null, detail })
}
