import { inviteRevocationKind, signInviteRevocation } from '#federation/invite.ts'
import type { InviteId, NodeId } from '#schema/ids.ts'
import { revokeInvite } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import type { ControlMessage } from '#server/db/control-messages.ts'
import { holdInvite, setInviteStatus } from '#server/db/invites.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { type Sent, sentOf } from '../sent.ts'
import { expectSigned } from '../exchange/signed.ts'

// An invitation is taken back by the host's log. The order to the invitee's node is for the invitee, who should not
// go on looking at something that nobody can accept any more.

export async function sendRevocation(context: Context, message: ControlMessage): Promise<Sent> {
  const jti = message.subject as InviteId
  const revocation = signInviteRevocation(
    { v: 1, iss: context.node, aud: message.node, jti, at: message.createdAt },
    context.keys.signer,
  )
  return sentOf(
    await callPeer(context, message.node, { contract: revokeInvite, params: { jti }, body: { revocation } }),
  )
}

/** The answer is the same for a letter that never came. */
export async function receiveRevocation(
  context: Context,
  host: NodeId,
  jti: InviteId,
  text: string,
): Promise<{ status: 'revoked' | 'joined' }> {
  const { payload } = await expectSigned(context, host, text, inviteRevocationKind)
  if (payload.jti !== jti) throw new Refusal('schema', { detail: 'jti' })
  return await context.db.transaction().execute(async (tx) => {
    const row = await holdInvite(tx, jti)
    if (row?.host !== host) return { status: 'revoked' }
    if (row.status === 'joined') return { status: 'joined' }
    if (row.status === 'open' || row.status === 'approval' || row.status === 'accepted') {
      await setInviteStatus(tx, jti, 'revoked')
    }
    return { status: 'revoked' }
  })
}
