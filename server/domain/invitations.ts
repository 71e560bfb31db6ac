import { signInviteResponse } from '#federation/invite.ts'
import type { Invitation } from '#schema/api/invitations.ts'
import type { Role } from '#schema/event/shared.ts'
import type { HistoryWish } from '#schema/history.ts'
import { type Address, type InviteId, type NodeId, partsOfAddress, type SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import {
  deleteInvite,
  findOpenInvite,
  holdInvite,
  insertInvite,
  type InviteRow,
  listInvitesFor,
  setInviteStatus,
} from '#server/db/invites.ts'
import { findPeer } from '#server/db/peers.ts'
import { newInviteId, newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { hostedSpace } from './access.ts'
import type { Actor } from './actor.ts'
import { viewPeople, viewpointOf } from './people.ts'
import { signedIdentity } from '#server/vouch.ts'
import { grantWindow } from './windows.ts'
import { writeEvent } from './write.ts'

type Inviting = {
  readonly spaceId: SpaceId
  readonly address: Address
  readonly role: Role
  readonly history?: HistoryWish | undefined
}

/**
 * Invites somebody of another company. The letter is stored before the log says that somebody is invited, and is
 * sent only once the log does: a crash in between leaves a letter that is never sent, never an invitation
 * without one.
 */
export async function invite(
  context: Context,
  actor: Actor,
  input: Inviting,
): Promise<{ id: InviteId; node: NodeId; expiresAt: number }> {
  const { handle, node } = partsOfAddress(input.address)
  if (node === context.node) throw new Refusal('invalid-address')
  const space = await hostedSpace(context, actor, input.spaceId)
  const peer = await findPeer(context.db, node)
  if (!peer?.approved || !peer.approvedByThem || peer.blocked || peer.conflict)
    throw new Refusal('not-a-partner')
  if (await findOpenInvite(context.db, space.id, handle, node)) throw new Refusal('already-invited')
  const jti = newInviteId(context.random)
  const now = context.clock.now()
  const expiresAt = now + limits.inviteLifeSeconds * 1000
  const { role } = input
  const history = await grantWindow(context, space, input.history)
  await context.db.transaction().execute(async (tx) => {
    await insertInvite(tx, {
      jti,
      spaceId: space.id,
      host: context.node,
      node,
      inviter: actor.userId,
      invitee: handle,
      userId: null,
      role,
      history,
      kind: space.kind,
      title: space.title,
      genesisHash: space.id.slice(2) as never,
      roster: '[]',
      jws: '',
      status: 'open',
      expiresAt,
      createdAt: now,
    })
    const id = newUuid(context.clock, context.random)
    await insertControlMessage(tx, { id, node, kind: 'invite', subject: jti, body: '', createdAt: now })
  })
  try {
    await writeEvent(context, actor, space, { type: 'member.invite', content: { jti, node, role, history } })
  } catch (error) {
    if (error instanceof Refusal) {
      await context.db.transaction().execute(async (tx) => await deleteInvite(tx, jti))
    }
    throw error
  }
  context.wake.signal('control')
  return { id: jti, node, expiresAt }
}

export async function listInvitations(
  context: Context,
  actor: Actor,
): Promise<{ invitations: Invitation[] }> {
  const rows = await listInvitesFor(context.db, actor.userId, context.clock.now())
  return {
    invitations: await Promise.all(rows.map(async (row) => await viewInvitation(context, actor, row))),
  }
}

async function viewInvitation(context: Context, actor: Actor, row: InviteRow): Promise<Invitation> {
  const people = await viewPeople(context, viewpointOf(actor), [row.inviter])
  return {
    id: row.jti,
    space: row.spaceId,
    kind: row.kind,
    title: row.title,
    host: row.host,
    inviter: people.get(row.inviter)!,
    role: row.role,
    history: row.history,
    roster: JSON.parse(row.roster) as NodeId[],
    status: row.status,
    expiresAt: row.expiresAt,
  }
}

/** Answers an invitation. The signed answer is stored with it, and the control lane brings it to the host. */
export async function answerInvitation(
  context: Context,
  actor: Actor,
  input: { readonly inviteId: InviteId; readonly answer: 'accept' | 'decline' },
): Promise<Invitation> {
  const { answer } = input
  const now = context.clock.now()
  const answered = await context.db.transaction().execute(async (tx) => {
    const row = await holdInvite(tx, input.inviteId)
    if (!row || row.userId !== actor.userId || row.host === context.node) throw new Refusal('not-found')
    if (row.status === (answer === 'accept' ? 'accepted' : 'declined')) return row
    if (row.status !== 'open') throw new Refusal('invite-used')
    if (row.expiresAt <= now) throw new Refusal('invite-expired')
    const status = answer === 'accept' ? 'accepted' : 'declined'
    await setInviteStatus(tx, row.jti, status)
    const response = signInviteResponse(
      {
        v: 1,
        iss: context.node,
        aud: row.host,
        jti: row.jti,
        space: row.spaceId,
        genesis: row.genesisHash,
        answer,
        ...(answer === 'accept' ? { user: actor.userId } : {}),
        at: now,
      },
      context.keys.signer,
    )
    const identity = answer === 'accept' ? await signedIdentity(context, tx, actor.userId) : undefined
    await insertControlMessage(tx, {
      id: newUuid(context.clock, context.random),
      node: row.host,
      kind: 'invite-response',
      subject: row.jti,
      body: JSON.stringify({ response, ...(identity === undefined ? {} : { identity }) }),
      createdAt: now,
    })
    return { ...row, status } as const
  })
  context.wake.signal('control')
  return await viewInvitation(context, actor, answered)
}
