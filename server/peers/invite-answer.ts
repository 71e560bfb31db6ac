import { inviteResponseKind } from '#federation/invite.ts'
import { accept, refuse } from '#federation/outcome.ts'
import type { Hash, InviteId, NodeId, UserId } from '#schema/ids.ts'
import { respondToInvite } from '#schema/wire/endpoints.ts'
import type { InviteResponse } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import { type ControlMessage, insertControlMessage } from '#server/db/control-messages.ts'
import { findInvite, type InviteRow, setInviteStatus, setLetter } from '#server/db/invites.ts'
import { getPeer } from '#server/db/peers.ts'
import type { InviteStatus } from '#server/db/tables.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import { newEventId, newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from './call.ts'
import { currentIdentity } from './identities.ts'
import { issueLease, takeLease } from './leases.ts'
import { type Sent, sentOf } from './sent.ts'
import { expectSigned } from './signed.ts'

// The answers to invitations, from the invitee's node to the host. A membership comes into being only by the host's
// own log entry.

export async function sendInviteResponse(context: Context, message: ControlMessage): Promise<Sent> {
  const jti = message.subject as InviteId
  const answer = await callPeer(context, message.node, {
    contract: respondToInvite,
    params: { jti },
    body: JSON.parse(message.body) as { response: string; identity?: string },
  })
  if (!answer.ok && 'refused' in answer && answer.refused.retry === 'never') {
    const { code } = answer.refused
    await context.db.transaction().execute(async (tx) => await setInviteStatus(tx, jti, statusAfter(code)))
  }
  if (answer.ok && answer.value.lease !== undefined) {
    await takeLease(context, message.node, answer.value.lease)
  }
  return sentOf(answer)
}

function statusAfter(code: string): InviteStatus {
  // Another letter is on its way, and asks anew.
  if (code === 'roster-changed') return 'open'
  return code === 'invite-expired' ? 'expired' : 'revoked'
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
    ? await join(context, row, response, request)
    : await decline(context, row)
}

async function join(
  context: Context,
  row: InviteRow,
  response: InviteResponse,
  request: { readonly response: string; readonly identity?: string | undefined },
): Promise<{ status: 'joined'; lease: string }> {
  const user = response.user as UserId | undefined
  if (user === undefined || !user.endsWith(`@${row.node}`)) throw new Refusal('schema', { detail: 'user' })
  if (request.identity === undefined) throw new Refusal('schema', { detail: 'identity' })
  const identity = await currentIdentity(context, request.identity, user)
  if (!identity.ok) throw new Refusal(identity.code, { detail: identity.detail ?? 'identity' })
  const { opHash } = await getPeer(context.db, row.node)
  const id = newEventId(context.clock, context.random)
  const space = row.spaceId
  const { role, history, jti: invite, node } = row
  const roster = new Set(JSON.parse(row.roster) as NodeId[])
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
      // They agreed to meet those whom the letter named.
      if ([...state.nodes.keys()].some((other) => other !== node && !roster.has(other)))
        return refuse('roster-changed')
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
  if (settled.status === 'refused' && settled.code === 'roster-changed') await sendAgain(context, row)
  if (settled.status === 'refused' && settled.code !== 'already-member') throw new Refusal(settled.code)
  await context.db.transaction().execute(async (tx) => await setInviteStatus(tx, invite, 'joined', user))
  // The log may be there before the control lane brings a lease to read it under.
  const lease = await issueLease(context, row.node)
  context.wake.signal('leases')
  return { status: 'joined', lease }
}

/** The same invitation in a new letter, with the companies that take part now: it is to be answered again. */
async function sendAgain(context: Context, { jti, node }: InviteRow): Promise<void> {
  const id = newUuid(context.clock, context.random)
  const createdAt = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    await setLetter(tx, jti, { jws: '', roster: [] })
    await insertControlMessage(tx, { id, node, kind: 'invite', subject: jti, body: '', createdAt })
  })
  context.wake.signal('control')
}

async function decline(context: Context, row: InviteRow): Promise<{ status: 'declined' }> {
  const { jti, spaceId: space } = row
  const event = makeHostEvent(context, {
    space,
    type: 'member.uninvite',
    content: { jti, reason: 'declined' },
  })
  const settled = await context.log.append({
    space,
    origin: context.node,
    eventId: event.header.id,
    bytes: 1_000,
    groups: [],
    changesState: true,
    plan: () => accept([event]),
  })
  if (settled.status === 'refused') throw new Refusal(settled.code)
  await context.db.transaction().execute(async (tx) => await setInviteStatus(tx, jti, 'declined'))
  return { status: 'declined' }
}
