import type { HistoryWish } from '#schema/history.ts'
import { domainOf, readTypedEmail } from '#schema/email.ts'
import { NodeId, nodeOf, type SpaceId } from '#schema/ids.ts'
import { askForInvite } from '#schema/wire/endpoints.ts'
import type { AskAnswer, AskRequest } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import type { ControlMessage } from '#server/db/control-messages.ts'
import { findInviteAsk, settleInviteAsk } from '#server/db/invite-asks.ts'
import { findInviteOfAsk, type InviteRow, setInviteStatus } from '#server/db/invites.ts'
import { alone } from '#server/db/open.ts'
import { findSpace } from '#server/db/spaces.ts'
import { enterInvite, mayInvite } from '#server/policy/enter.ts'
import { type Addressee, addresseeOf, openInvitation } from '#server/policy/inviting.ts'
import { grantWindow } from '#server/policy/windows.ts'
import { Refusal } from '#server/refusal.ts'
import { signedIdentity } from '#server/vouch.ts'
import { callPeer } from '../exchange/call.ts'
import { currentIdentity } from '../identities/identities.ts'
import { findNodeOfDomain } from '../discovery/mail-domains.ts'
import { type Sent, sentOf } from '../sent.ts'

// Only the host of a space invites (A16). Who takes part from elsewhere asks it, by their own node: the address goes in
// the request and never into an entry; the host's policy decides.

export async function sendInviteAsk(context: Context, message: ControlMessage): Promise<Sent> {
  const ask = await findInviteAsk(context.db, message.subject)
  if (!ask || ask.status === 'refused') return { do: 'finish', outcome: 'withdrawn' }
  const { id, spaceId: space, inviter, role, wish } = ask
  const answer = await callPeer(context, message.node, {
    contract: askForInvite,
    params: { space },
    body: {
      id,
      inviter,
      identity: await signedIdentity(context, context.db, inviter),
      invitee: inviteeOf(ask),
      role,
      ...(wish === null ? {} : { history: JSON.parse(wish) as HistoryWish }),
    },
    space,
  })
  await note(context, id, answer)
  return sentOf(answer)
}

async function note(
  context: Context,
  id: string,
  answer: Awaited<ReturnType<typeof callPeer<typeof askForInvite>>>,
): Promise<void> {
  await context.db.transaction().execute(async (tx) => {
    if (answer.ok) {
      const { status, jti, history, expires_at: expiresAt } = answer.value
      const code = status === 'refused' ? 'policy-forbids' : null
      const settled = status === 'ended' ? 'open' : status
      return await settleInviteAsk(tx, id, { status: settled, code, jti, history, expiresAt })
    }
    if ('failed' in answer || answer.refused.retry !== 'never') return
    await settleInviteAsk(tx, id, { status: 'refused', code: answer.refused.code })
  })
}

function inviteeOf({
  invitee,
  inviteeKind,
  node,
}: {
  invitee: string
  inviteeKind: string
  node: NodeId | null
}) {
  // The row holds what the shape of its kind let in.
  const named = inviteeKind === 'handle' ? { handle: invitee, node } : { [inviteeKind]: invitee }
  return named as AskRequest['invitee']
}

/** An ask of another node, in the name of a user of its own. The same ask again is the same invitation. */
export async function receiveInviteAsk(
  context: Context,
  origin: NodeId,
  space: SpaceId,
  ask: AskRequest,
): Promise<AskAnswer> {
  const { db } = context
  const row = await findSpace(db, space)
  const { inviter, role } = ask
  const reached = row && (await context.reads.reached({ user: inviter, space }))
  if (!reached || nodeOf(inviter) !== origin) throw new Refusal('not-participating')
  if (row.host !== context.node) throw new Refusal('not-host')
  const key = `${origin} ${ask.id}`
  const before = await findInviteOfAsk(db, key)
  if (before) return answerOf(before)
  if (role === 'admin' || !(await mayInvite(context, space, { user: inviter, role }))) {
    throw new Refusal('no-right')
  }
  const identity = await currentIdentity(context, ask.identity, inviter)
  if (!identity.ok) throw new Refusal(identity.code, { detail: 'identity' })
  const to = await addresseeIn(context, ask)
  if (to.node === context.node) throw new Refusal('invalid-address')
  const history = await grantWindow(context, reached, ask.history)
  const opened = await openInvitation(context, {
    space: row,
    inviter,
    isAdmin: false,
    to,
    role,
    history,
    ask: key,
  })
  if (opened.status === 'open' && opened.node !== null) await enter(context, opened)
  context.wake.signal('control')
  return answerOf(opened)
}

async function enter(context: Context, row: InviteRow): Promise<void> {
  const settled = await enterInvite(context, row)
  if (settled.status !== 'refused') return
  await setInviteStatus(alone(context.db), row.jti, 'refused')
  throw new Refusal(settled.code)
}

async function addresseeIn(context: Context, { invitee }: AskRequest): Promise<Addressee> {
  if ('handle' in invitee) return { kind: 'handle', text: invitee.handle, node: invitee.node }
  if ('user' in invitee) return addresseeOf(invitee.user)
  const email = readTypedEmail(invitee.email)
  if (email === undefined) throw new Refusal('invalid-address')
  const node = await findNodeOfDomain(context, NodeId.parse(domainOf(email)))
  return { kind: 'email', text: email, node }
}

const endings = {
  approval: 'approval',
  open: 'open',
  accepted: 'open',
  joined: 'ended',
  declined: 'ended',
  revoked: 'ended',
  expired: 'ended',
  refused: 'refused',
} as const

function answerOf({ status, jti, history, expiresAt }: InviteRow): AskAnswer {
  return { status: endings[status], jti, history, expires_at: expiresAt }
}
