import { inviteKind, signInvite } from '#federation/invite.ts'
import type { InviteId, NodeId } from '#schema/ids.ts'
import { nodeOf } from '#schema/ids.ts'
import { deliverInvite } from '#schema/wire/endpoints.ts'
import type { LetterInvitee } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import { listCompanies } from '#server/db/companies.ts'
import type { ControlMessage } from '#server/db/control-messages.ts'
import { findIdentity } from '#server/db/identities.ts'
import { isInvited, listInvited } from '#server/db/invited.ts'
import { findInvite, type InviteRow, setLetter } from '#server/db/invites.ts'
import { alone } from '#server/db/open.ts'
import { signedIdentity } from '#server/vouch.ts'
import { isStillGood } from '../own-keys/signed-now.ts'
import { callPeer } from '../exchange/call.ts'
import { genesisOf } from '../log/genesis.ts'
import { type Sent, sentOf } from '../sent.ts'
import { welcome } from '../partners/trust.ts'

// Invitations on their way out (§10): a signed letter. Nothing of a space but its genesis travels before somebody
// has accepted.

/** Sends a letter about somebody whom the log has invited. */
export async function sendInvite(context: Context, message: ControlMessage): Promise<Sent> {
  const jti = message.subject as InviteId
  const row = await findInvite(context.db, jti)
  if (!row || row.status !== 'open') return { do: 'finish', outcome: 'withdrawn' }
  if (row.expiresAt <= context.clock.now()) return { do: 'finish', outcome: 'expired' }
  if (!(await isInvited(context.db, row.spaceId, jti))) return { do: 'finish', outcome: 'ended' }
  // It was approved, or is welcome by policy: who gets a letter has our yes.
  const standing = await welcome(context, message.node)
  if (standing === 'not-found') return { do: 'unreachable' }
  if (standing === 'ended') return { do: 'finish', outcome: 'partnership-ended' }
  const isKept = row.jws !== '' && (await isStillGood(context, inviteKind.typ, row.jws))
  const invite = isKept ? row.jws : await signLetter(context, row)
  const answer = await callPeer(context, message.node, {
    contract: deliverInvite,
    body: { invite },
    space: row.spaceId,
  })
  return sentOf(answer)
}

async function signLetter(context: Context, row: InviteRow): Promise<string> {
  const { db, node: ours } = context
  const roster = await rosterOf(context, row)
  const now = Math.floor(context.clock.now() / 1000)
  const jws = signInvite(
    {
      v: 1,
      iss: ours,
      aud: row.node!,
      jti: row.jti,
      iat: now,
      exp: Math.floor(row.expiresAt / 1000),
      space: row.spaceId,
      kind: row.kind,
      ...(row.title === null ? {} : { title: row.title }),
      genesis: await genesisOf(context, row.spaceId),
      inviter: await identityOf(context, row),
      invitee: inviteeOf(row),
      role: row.role,
      history: row.history,
      ...(row.historyAt === null ? {} : { history_at: row.historyAt }),
      roster,
      features: [],
    },
    context.keys.signer,
  )
  const letter = { jws, roster: JSON.stringify(roster) }
  await setLetter(alone(db), row.jti, letter)
  return jws
}

/** Whom the invitee would meet: who takes part, and who is invited too. */
async function rosterOf({ db, node: ours }: Context, row: InviteRow): Promise<NodeId[]> {
  const companies = await listCompanies(db, [row.spaceId])
  const invited = (await listInvited(db, row.spaceId)).map(({ node }) => node)
  const others = [...companies, ...invited].filter((node) => node !== ours && node !== row.node)
  const isIn = row.node !== null && companies.includes(row.node)
  return [ours, ...new Set([...others, ...(isIn ? [row.node!] : [])])].toSorted()
}

async function identityOf(context: Context, { inviter }: InviteRow): Promise<string> {
  if (nodeOf(inviter) === context.node) return await signedIdentity(context, context.db, inviter)
  const known = await findIdentity(context.db, inviter)
  if (!known) throw new Error('Somebody whom we never heard of has invited.')
  return known.jws
}

function inviteeOf({ invitee, inviteeKind }: InviteRow): LetterInvitee {
  // The row holds what the shape of its kind let in.
  return { [inviteeKind]: invitee } as LetterInvitee
}
