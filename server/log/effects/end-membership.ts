import { nodeOf, type UserId } from '#schema/ids.ts'
import { deleteEnding } from '#server/db/endings.ts'
import type { FenceDraft } from '#server/db/fences.ts'
import { listLostWith } from '#server/db/lost.ts'
import { closeMember } from '#server/db/members.ts'
import type { Tx } from '#server/db/open.ts'
import type { Happening } from './effect.ts'

/**
 * Ends a membership. The fence is part of the same transaction: from this commit on the host owes the home
 * node of the removed an order to end the access, whatever happens to either of them next (§12.1). What that node
 * reaches no longer is named in it, to be deleted there.
 */
export async function endMembership(
  tx: Tx,
  { space, seq, entry, node, hosted }: Happening<'member.leave' | 'member.remove'>,
  user: UserId,
): Promise<readonly FenceDraft[]> {
  const ended = await closeMember(tx, space, user, seq)
  await deleteEnding(tx, space, user)
  const home = nodeOf(user)
  if (!ended || !hosted || home === node) return []
  const lost = await listLostWith(tx, ended, seq)
  const { epoch, at } = entry.body
  return [{ node: home, spaceId: space, subject: user, fromSeq: seq, epoch, at, lost }]
}
