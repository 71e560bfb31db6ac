import { signInviteResponse } from '#federation/invite.ts'
import type { InviteResponse } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import { addContact } from '#server/db/contacts.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import { type InviteRow, setInviteStatus } from '#server/db/invites.ts'
import type { Tx } from '#server/db/open.ts'
import { newUuid } from '#server/ports/random.ts'
import { signedIdentity } from '#server/vouch.ts'

/**
 * Answers a letter in the name of its invitee, who said so or whose wish is known: stored with what it answers, and
 * brought to the host by the control lane. Accepting makes the inviter a contact.
 */
export async function queueAnswer(
  context: Context,
  tx: Tx,
  row: InviteRow,
  { answer, reason }: Pick<InviteResponse, 'answer' | 'reason'>,
): Promise<InviteRow> {
  const at = context.clock.now()
  const user = row.userId
  if (user === null) throw new Error('Nobody answers a letter for nobody.')
  const accepts = answer === 'accept'
  const status = accepts ? 'accepted' : 'declined'
  await setInviteStatus(tx, row.jti, status)
  if (accepts) await addContact(tx, user, row.inviter, at)
  const response = signInviteResponse(
    {
      v: 1,
      iss: context.node,
      aud: row.host,
      jti: row.jti,
      space: row.spaceId,
      genesis: row.genesisHash,
      answer,
      ...(reason === undefined ? {} : { reason }),
      ...(accepts ? { user } : {}),
      at,
    },
    context.keys.signer,
  )
  const identity = accepts ? { identity: await signedIdentity(context, tx, user) } : {}
  await insertControlMessage(tx, {
    id: newUuid(context.clock, context.random),
    node: row.host,
    kind: 'invite-response',
    subject: row.jti,
    body: JSON.stringify({ response, ...identity }),
    createdAt: at,
  })
  return { ...row, status }
}
