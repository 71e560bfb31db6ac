import type { Invitation, InvitationStatus, SentInvitation } from '#schema/invitation.ts'
import type { InviteId, NodeId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { type InviteAskRow, listInviteAsks } from '#server/db/invite-asks.ts'
import { listInvited } from '#server/db/invited.ts'
import { type InviteRow, listWaitingInvites } from '#server/db/invites.ts'
import { findMailLink } from '#server/db/mail-links.ts'
import type { SpaceRow } from '#server/db/spaces.ts'
import type { Actor } from './actor.ts'
import { viewPeople, viewpointOf } from './people.ts'

// Invitations as people see them: those that they got, and those that wait into a space that they are in.

export async function viewInvitation(context: Context, actor: Actor, row: InviteRow): Promise<Invitation> {
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
    historyAt: row.historyAt,
    roster: JSON.parse(row.roster) as NodeId[],
    status: row.status,
    expiresAt: row.expiresAt,
  }
}

type Sent = Pick<InviteRow, 'inviter' | 'invitee' | 'inviteeKind' | 'node' | 'role' | 'expiresAt'> & {
  readonly id: string
  readonly history: InviteRow['history'] | null
  readonly status: InvitationStatus
  readonly code: string | null
  readonly claimedBy?: UserId | null
}

async function viewSent(context: Context, actor: Actor, sent: Sent): Promise<SentInvitation> {
  const { id, node, inviter, role, history, status, code, expiresAt, claimedBy = null } = sent
  const named = claimedBy === null ? [inviter] : [inviter, claimedBy]
  const people = await viewPeople(context, viewpointOf(actor), named)
  return {
    id,
    invitee: await nameInvitee(context, sent),
    node,
    inviter: people.get(inviter)!,
    role,
    history,
    status,
    code,
    expiresAt,
    claimedBy: claimedBy === null ? null : people.get(claimedBy)!,
  }
}

export async function viewSentRow(context: Context, actor: Actor, row: InviteRow): Promise<SentInvitation> {
  const isMailed = row.inviteeKind === 'email' && row.node === null
  const claimedBy = isMailed ? ((await findMailLink(context.db, row.jti))?.claimedBy ?? null) : null
  return await viewSent(context, actor, { ...row, id: row.jti, code: null, claimedBy })
}

export async function viewAsk(context: Context, actor: Actor, ask: InviteAskRow): Promise<SentInvitation> {
  return await viewSent(context, actor, { ...ask, id: ask.jti ?? ask.id })
}

/** As it was typed, or the name of somebody who was picked by it. */
export async function nameInvitee(
  context: Context,
  { invitee, inviteeKind, node }: Pick<InviteRow, 'invitee' | 'inviteeKind' | 'node'>,
): Promise<string> {
  if (inviteeKind === 'email') return invitee
  if (inviteeKind === 'handle') return `@${invitee}:${node ?? ''}`
  return (await context.reads.person(invitee as UserId))?.name ?? invitee.slice(0, 10)
}

/** What waits into a space: of our own letters, or as far as its log and our own asks tell. */
export async function listSent(context: Context, actor: Actor, space: SpaceRow): Promise<SentInvitation[]> {
  const { db, clock } = context
  if (space.host === context.node) {
    const rows = await listWaitingInvites(db, space.id)
    return await Promise.all(rows.map(async (row) => await viewSentRow(context, actor, row)))
  }
  const asks = await listInviteAsks(db, space.id, clock.now() - limits.inviteLifeSeconds * 1000)
  const open = await listInvited(db, space.id)
  const isOpen = new Set<InviteId>(open.map(({ jti }) => jti))
  const asked = new Set(asks.flatMap(({ jti }) => jti ?? []))
  // What the host has opened is shown by the log, and by it ends.
  const shown = asks.filter(({ status, jti }) => status !== 'open' || (jti !== null && isOpen.has(jti)))
  const ours = await Promise.all(shown.map(async (ask) => await viewAsk(context, actor, ask)))
  const others = open
    .filter(({ jti }) => !asked.has(jti))
    .map(({ jti, node, role, history }) => ({
      id: jti,
      invitee: node,
      node,
      inviter: null,
      role,
      history,
      status: 'open' as const,
      code: null,
      claimedBy: null,
      expiresAt: clock.now() + limits.inviteLifeSeconds * 1000,
    }))
  return [...ours, ...others]
}
