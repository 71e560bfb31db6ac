import { insertControlMessage } from '#server/db/control-messages.ts'
import { openInvited } from '#server/db/invited.ts'
import type { Effect } from './effect.ts'

/** On the host the letter leaves with it: nobody is told of an invitation that the log does not have. */
export const memberInvite: Effect<'member.invite'> = async (tx, happening) => {
  const { space, seq, content, event, entry, hosted } = happening
  const { jti, node, role, history } = content
  await openInvited(tx, { spaceId: space, jti, node, role, history, addSeq: seq })
  if (!hosted) return
  await insertControlMessage(tx, {
    // One message for one event: both are the same wish.
    id: event.header.id,
    node,
    kind: 'invite',
    subject: jti,
    body: '',
    createdAt: entry.body.at,
  })
}
