import { nodeOf } from '#schema/ids.ts'
import { noteThreadsListed } from '#server/db/copies.ts'
import { resumeCursors } from '#server/db/cursors.ts'
import { closeInvited } from '#server/db/invited.ts'
import { openMember } from '#server/db/members.ts'
import type { Effect } from './effect.ts'

export const memberJoin: Effect<'member.join'> = async (tx, { space, seq, content, node, hosted }) => {
  if (content.invite) await closeInvited(tx, space, content.invite, seq)
  await openMember(tx, {
    spaceId: space,
    userId: content.user,
    node: nodeOf(content.user),
    joinSeq: seq,
    role: content.role,
    history: content.history,
  })
  const home = nodeOf(content.user)
  if (hosted && home !== node) await resumeCursors(tx, space, home)
  // With a new member here come the threads that their window includes.
  if (!hosted && home === node) await noteThreadsListed(tx, space, null)
}
