import { nodeOf } from '#schema/ids.ts'
import { noteThreadsListed } from '#server/db/copies.ts'
import { resumeCursors } from '#server/db/cursors.ts'
import { addContact } from '#server/db/contacts.ts'
import { closeInvited } from '#server/db/invited.ts'
import { closeWithMember } from '#server/db/invites.ts'
import { openMember } from '#server/db/members.ts'
import type { Effect } from './effect.ts'

export const memberJoin: Effect<'member.join'> = async (tx, happening) => {
  const { space, seq, content, entry, node, hosted } = happening
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
  // With a new member here come the threads that their window includes.
  if (!hosted && home === node) await noteThreadsListed(tx, space, null)
  if (!hosted || home === node) return
  await resumeCursors(tx, space, home)
  const invite = content.invite && (await closeWithMember(tx, content.invite, content.user))
  // Who accepted is a contact of who invited, if that is somebody here.
  if (invite && nodeOf(invite.inviter) === node) {
    await addContact(tx, invite.inviter, content.user, entry.body.at)
  }
}
