import { insertControlMessage } from '#server/db/control-messages.ts'
import { closeInvited } from '#server/db/invited.ts'
import { endInvite } from '#server/db/invites.ts'
import type { Effect } from './effect.ts'

/** On the host the letter ends with it, and the node that has it is told when it was taken back. */
export const memberUninvite: Effect<'member.uninvite'> = async (tx, happening) => {
  const { space, seq, content, event, entry, hosted } = happening
  await closeInvited(tx, space, content.jti, seq)
  if (!hosted) return
  const node = await endInvite(tx, content.jti, content.reason)
  if (node === null || content.reason !== 'revoked') return
  await insertControlMessage(tx, {
    // One message for one event: both are the same wish.
    id: event.header.id,
    node,
    kind: 'invite-revoke',
    subject: content.jti,
    body: '',
    createdAt: entry.body.at,
  })
}
