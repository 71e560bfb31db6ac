import { identityKind } from '#federation/identity.ts'
import { inviteResponseKind } from '#federation/invite.ts'
import { accept, refuse } from '#federation/outcome.ts'
import type { Hash, InviteId, NodeId, UserId } from '#schema/ids.ts'
import { respondToInvite } from '#schema/wire/endpoints.ts'
import type { InviteResponse } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import type { ControlMessage } from '#server/db/control-messages.ts'
import { markCrossed } from '#server/db/direct-invites.ts'
import { findInvite, type InviteRow, renewInvite, setInviteStatus } from '#server/db/invites.ts'
import type { InviteStatus } from '#server/db/invitation-tables.ts'
import { alone } from '#server/db/open.ts'
import { getPeer } from '#server/db/peers.ts'
import { listCompanies } from '#server/db/companies.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import { newEventId } from '#server/ports/random.ts'
import { queueLetter } from '#server/policy/inviting.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { currentIdentity } from '../identities/identities.ts'
import { issueLease, takeLease } from '../removal/leases.ts'
import { type Sent, sentOf } from '../sent.ts'
import { signedNow } from '../own-keys/signed-now.ts'
import { expectSigned } from '../exchange/signed.ts'
import { uninvite } from './uninvite.ts'

// The answers to invitations, from the invitee's node to the host. A membership comes into being only by the host's
// own log entry.

export async function sendInviteResponse(context: Context, message: ControlMessage): Promise<Sent> {
  const jti = message.subject as InviteId
  const said = JSON.parse(message.body) as { response: string; identity?: string }
  const response = await signedNow(context, inviteResponseKind.typ, said.response)
  const identity = said.identity && (await signedNow(context, identityKind.typ, said.identity))
  const answer = await callPeer(context, message.node, {
    contract: respondToInvite,
    params: { jti },
    body: { response, ...(identity === undefined ? {} : { identity }) },
  })
  if (!answer.ok && 'refused' in answer && answer.refused.retry === 'never') {
    const status = statusAfter[answer.refused.code] ?? 'revoked'
    await setInviteStatus(alone(context.db), jti, status)
  }
  if (answer.ok && answer.value.lease !== undefined) {
    await takeLease(context, message.node, answer.value.lease)
  }
  return sentOf(answer)
}

/** What an answer that the host does not take makes of the invitation. Who has to be shown others is asked again. */
const statusAfter: Readonly<Record<string, InviteStatus>> = {
  'invite-expired': 'expired',
  'roster-changed': 'open',
}

/** Receives the answer to one of our letters. Accepting joins, once, in the transaction that uses the invitation up. */
export async function receiveInviteResponse(
  context: Context,
  node: NodeId,
  jti: InviteId,
  request: { readonly response: string; readonly identity?: string | undefined },
): Promise<{ status: 'joined' | 'declined'; lease?: string }> {
  const { payload: response } = await expectSigned(context, node, request.response, inviteResponseKind)
  // Matched to the letter we sent, so that nobody answers for anybody else (T-24).
  if (response.jti !== jti) throw new Refusal('invite-unknown')
  const row = await findInvite(context.db, jti)
  if (!row || row.host !== context.node || row.node !== node || row.spaceId !== response.space) {
    throw new Refusal('invite-unknown')
  }
  if (response.genesis !== (row.spaceId.slice(2) as Hash)) throw new Refusal('schema', { detail: 'genesis' })
  const answered = response.answer === 'accept' ? 'joined' : 'declined'
  if (row.status === answered && (answered === 'declined' || row.userId === response.user)) {
    return { status: answered }
  }
  if (row.status === 'revoked') throw new Refusal('invite-revoked')
  if (row.status !== 'open') throw new Refusal('invite-used')
  if (row.expiresAt <= context.clock.now()) throw new Refusal('invite-expired')
  return response.answer === 'accept'
    ? await join(context, { ...row, node }, response, request)
    : await decline(context, row, response.reason)
}

type Letter = InviteRow & { readonly node: NodeId }

async function join(
  context: Context,
  row: Letter,
  response: InviteResponse,
  request: { readonly response: string; readonly identity?: string | undefined },
): Promise<{ status: 'joined'; lease: string }> {
  const user = response.user as UserId | undefined
  if (user === undefined || !user.endsWith(`@${row.node}`)) throw new Refusal('schema', { detail: 'user' })
  if (request.identity === undefined) throw new Refusal('schema', { detail: 'identity' })
  const identity = await currentIdentity(context, request.identity, user)
  if (!identity.ok) throw new Refusal(identity.code, { detail: identity.detail ?? 'identity' })
  await expectRoster(context, row)
  const { opHash } = await getPeer(context.db, row.node)
  const id = newEventId(context.clock, context.random)
  const space = row.spaceId
  const { role, history, jti: invite } = row
  const settled = await context.log.append({
    space,
    origin: context.node,
    eventId: id,
    bytes: 2_000,
    groups: [],
    changesState: true,
    plan: (state) => {
      // The same answer again, after a crash that lost ours: they are in.
      if (state?.members.has(user)) return refuse('already-member')
      if (!state?.invites.has(invite)) return refuse('invite-used')
      if (!isAsShown(row, [...state.nodes.keys()])) return refuse('roster-changed')
      const joining = makeHostEvent(context, {
        id,
        space,
        type: 'member.join',
        content: { user, role, history, invite, response: request.response },
      })
      // A company is in the log before its first member is (§11.5).
      if (state.nodes.has(row.node)) return accept([joining])
      const arriving = makeHostEvent(context, {
        space,
        type: 'node.add',
        content: { node: row.node, op_hash: opHash },
      })
      return accept([arriving, joining])
    },
  })
  if (settled.status === 'refused' && settled.code === 'roster-changed') await showAnew(context, row)
  if (settled.status === 'refused' && settled.code !== 'already-member') throw new Refusal(settled.code)
  await setInviteStatus(alone(context.db), invite, 'joined', user)
  // The log may be there before the control lane brings a lease to read it under.
  const lease = await issueLease(context, row.node)
  context.wake.signal('leases')
  return { status: 'joined', lease }
}

/** Who accepts has seen every company that takes part, also of those that reach a thread through its groups. */
async function expectRoster(context: Context, row: Letter): Promise<void> {
  if (!isAsShown(row, await listCompanies(context.db, [row.spaceId]))) await showAnew(context, row)
}

function isAsShown({ roster, host, node }: Letter, companies: readonly NodeId[]): boolean {
  const shown = new Set([host, node, ...(JSON.parse(roster) as NodeId[])])
  return companies.every((company) => shown.has(company))
}

/** The letter goes again, with those who have come since, and is to be answered again. */
async function showAnew(context: Context, row: Letter): Promise<never> {
  await context.db.transaction().execute(async (tx) => {
    await renewInvite(tx, row.jti, row.expiresAt)
    await queueLetter(context, tx, row)
  })
  context.wake.signal('control')
  throw new Refusal('roster-changed')
}

async function decline(
  context: Context,
  row: InviteRow,
  reason: InviteResponse['reason'],
): Promise<{ status: 'declined' }> {
  const { jti } = row
  if (reason === 'crossed') await markCrossed(alone(context.db), jti)
  const settled = await uninvite(context, row, 'declined')
  if (settled.status === 'refused') throw new Refusal(settled.code)
  await setInviteStatus(alone(context.db), jti, 'declined')
  context.wake.signal('invitations')
  return { status: 'declined' }
}
