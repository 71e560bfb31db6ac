import type { Role } from '#schema/event/shared.ts'
import type { HistoryWish } from '#schema/history.ts'
import type { InviteId, NodeId, SpaceId } from '#schema/ids.ts'
import type { Invitee, SentInvitation } from '#schema/invitation.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listCompanies } from '#server/db/companies.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import { insertInviteAsk } from '#server/db/invite-asks.ts'
import {
  deleteInvite,
  findInvite,
  holdInvite,
  type InviteRow,
  renewInvite,
  setInviteStatus,
} from '#server/db/invites.ts'
import type { ReachedSpace } from '#server/db/access.ts'
import { alone } from '#server/db/open.ts'
import { mayInvite } from '#server/policy/enter.ts'
import { type Addressee, openInvitation, queueLetter } from '#server/policy/inviting.ts'
import { grantWindow } from '#server/policy/windows.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { hostedSpace, spaceForReader } from './access.ts'
import { type Actor, isAdmin } from './actor.ts'
import { agreeToCompanies } from './companies.ts'
import { listSent, viewAsk, viewSentRow } from './invitation-views.ts'
import { addresseeFor } from './invitees.ts'
import { writeEvent } from './write.ts'

type Inviting = {
  readonly spaceId: SpaceId
  readonly to: Invitee
  readonly role: Role
  readonly history?: HistoryWish | undefined
  readonly companies: readonly NodeId[]
  /** The node that speaks for the domain of an e-mail address; null when there is none. */
  readonly mailNode: NodeId | null
}
type Sent = SentInvitation & { readonly link: string | null }

/** Invites somebody who does not belong to this workspace; or, into a space that another node hosts, asks it to. */
export async function invite(context: Context, actor: Actor, input: Inviting): Promise<Sent> {
  const space = await spaceForReader(context, actor, input.spaceId)
  const to = await addresseeFor(context, actor, input)
  // Colleagues are added, not invited; an address that is ours and nobody's was mistyped (R13).
  if (to.node === context.node && space.host === context.node) throw new Refusal('invalid-address')
  // A direct conversation is between those it was begun for: no place in it is taken by whoever follows a link.
  if (to.node === null && space.kind === 'dm') throw new Refusal('wrong-kind')
  const now = [context.node, ...(await listCompanies(context.db, [space.id]))]
  if (to.node !== null && !now.includes(to.node)) agreeToCompanies([to.node], input.companies)
  return space.host === context.node
    ? await inviteHere(context, actor, { ...input, space, to })
    : { ...(await askHost(context, actor, { ...input, space, to })), link: null }
}

type Addressed = Pick<Inviting, 'role' | 'history'> & {
  readonly space: ReachedSpace
  readonly to: Addressee
}

/** Into a space of ours: the letter is stored before the log says that somebody is invited, and leaves only then. */
export async function inviteHere(context: Context, actor: Actor, addressed: Addressed): Promise<Sent> {
  const { space } = addressed
  const history = await grantWindow(context, space, addressed.history)
  const row = await openInvitation(context, {
    ...addressed,
    history,
    inviter: actor.userId,
    isAdmin: isAdmin(actor),
  })
  if (row.status === 'open') await enter(context, actor, space, row)
  context.wake.signal('control')
  return { ...(await viewSentRow(context, actor, row)), link: row.link }
}

async function enter(context: Context, actor: Actor, space: ReachedSpace, row: InviteRow): Promise<void> {
  const { jti, node, role, history } = row
  if (node === null) return
  try {
    await writeEvent(context, actor, space, { type: 'member.invite', content: { jti, node, role, history } })
  } catch (error) {
    if (error instanceof Refusal) {
      await deleteInvite(alone(context.db), jti)
    }
    throw error
  }
}

/** Only the host of a space invites into it: it has the policy and the letters. The ask waits until it is reached. */
async function askHost(
  context: Context,
  actor: Actor,
  { space, to, role, history }: Addressed,
): Promise<SentInvitation> {
  if (!(await mayInvite(context, space.id, { user: actor.userId, role }))) throw new Refusal('no-right')
  const id = newUuid(context.clock, context.random)
  const createdAt = context.clock.now()
  const ask = {
    id,
    spaceId: space.id,
    host: space.host,
    inviter: actor.userId,
    invitee: to.text,
    inviteeKind: to.kind,
    node: to.node,
    role,
    wish: history === undefined ? null : JSON.stringify(history),
    history: null,
    status: 'asking',
    code: null,
    jti: null,
    expiresAt: createdAt + limits.inviteLifeSeconds * 1000,
    createdAt,
  } as const
  await context.db.transaction().execute(async (tx) => {
    await insertInviteAsk(tx, ask)
    const message = { id: newUuid(context.clock, context.random), node: space.host, body: '', createdAt }
    await insertControlMessage(tx, { ...message, kind: 'invite-ask', subject: id })
  })
  context.wake.signal('control')
  return await viewAsk(context, actor, ask)
}

type Which = { readonly spaceId: SpaceId; readonly inviteId: string }

/** Sends an open invitation again, good for another fourteen days under the same id. */
export async function resendInvitation(
  context: Context,
  actor: Actor,
  { spaceId, inviteId }: Which,
): Promise<Sent> {
  const space = await hostedSpace(context, actor, spaceId)
  const expiresAt = context.clock.now() + limits.inviteLifeSeconds * 1000
  const row = await context.db.transaction().execute(async (tx) => {
    const held = await holdInvite(tx, inviteId as InviteId)
    if (held?.spaceId !== space.id || held.host !== context.node) throw new Refusal('not-found')
    if (held.status !== 'open') throw new Refusal('invite-used')
    await renewInvite(tx, held.jti, expiresAt)
    const link = await queueLetter(context, tx, { ...held, expiresAt })
    return { ...held, expiresAt, link }
  })
  context.wake.signal('control')
  return { ...(await viewSentRow(context, actor, row)), link: row.link }
}

/** Takes an invitation back. Whether an answer came first is decided by the host's log. */
export async function revokeInvitation(
  context: Context,
  actor: Actor,
  { spaceId, inviteId }: Which,
): Promise<SentInvitation> {
  const jti = inviteId as InviteId
  const space = await spaceForReader(context, actor, spaceId)
  if (space.host !== context.node) {
    const sent = (await listSent(context, actor, space)).find(({ id }) => id === inviteId)
    if (sent?.status !== 'open') throw new Refusal('not-found')
    await writeEvent(context, actor, space, { type: 'member.uninvite', content: { jti, reason: 'revoked' } })
    return sent
  }
  const row = await findInvite(context.db, jti)
  if (row?.spaceId !== space.id || row.host !== context.node) throw new Refusal('not-found')
  if (row.status !== 'open' && row.status !== 'approval') throw new Refusal('invite-used')
  if (row.status === 'open' && row.node !== null) {
    // Its effect ends the letter, and orders the other node to drop it.
    await writeEvent(context, actor, space, { type: 'member.uninvite', content: { jti, reason: 'revoked' } })
  } else {
    await setInviteStatus(alone(context.db), jti, 'revoked')
  }
  context.wake.signal('control')
  return await viewSentRow(context, actor, { ...row, status: 'revoked' })
}
