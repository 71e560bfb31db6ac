import { signInvite } from '#federation/invite.ts'
import type { InviteId } from '#schema/ids.ts'
import { deliverInvite } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import type { ControlMessage } from '#server/db/control-messages.ts'
import { isInvited } from '#server/db/invited.ts'
import { findInvite, type InviteRow, setLetter } from '#server/db/invites.ts'
import { listNodes } from '#server/db/spaces.ts'
import { signedIdentity } from '#server/vouch.ts'
import { callPeer } from './call.ts'
import { genesisOf } from './genesis.ts'
import { type Sent, sentOf } from './sent.ts'

// Invitations on their way out (§10): a signed letter. Nothing of a space but its genesis travels before somebody
// has accepted.

/** Sends a letter, once the log says that somebody is invited. */
export async function sendInvite(context: Context, message: ControlMessage): Promise<Sent> {
  const jti = message.subject as InviteId
  const row = await findInvite(context.db, jti)
  if (!row || row.status !== 'open') return { do: 'finish', outcome: 'withdrawn' }
  if (row.expiresAt <= context.clock.now()) return { do: 'finish', outcome: 'expired' }
  if (!(await isInvited(context.db, row.spaceId, jti))) return { do: 'retry', why: 'not in the log yet' }
  const invite = row.jws === '' ? await signLetter(context, row) : row.jws
  const answer = await callPeer(context, message.node, {
    contract: deliverInvite,
    body: { invite },
    space: row.spaceId,
  })
  return sentOf(answer)
}

async function signLetter(context: Context, row: InviteRow): Promise<string> {
  const { db } = context
  const roster = [context.node, ...(await listNodes(db, row.spaceId, context.node))]
  const jws = signInvite(
    {
      v: 1,
      iss: context.node,
      aud: row.node,
      jti: row.jti,
      iat: Math.floor(row.createdAt / 1000),
      exp: Math.floor(row.expiresAt / 1000),
      space: row.spaceId,
      kind: row.kind,
      ...(row.title === null ? {} : { title: row.title }),
      genesis: await genesisOf(context, row.spaceId),
      inviter: await signedIdentity(context, db, row.inviter),
      invitee: { handle: row.invitee as never },
      role: row.role,
      history: row.history,
      roster,
      features: [],
    },
    context.keys.signer,
  )
  await db.transaction().execute(async (tx) => await setLetter(tx, row.jti, { jws, roster }))
  return jws
}
