import { accept, refuse } from '#federation/outcome.ts'
import { isAtLeast, type Standing, standingOf } from '#federation/reach.ts'
import type { Role } from '#schema/event/shared.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { findGuestLink } from '#server/db/guest-links.ts'
import type { InviteRow } from '#server/db/invites.ts'
import { loadStates } from '#server/db/spaces.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import type { Settled } from '#server/log/intent.ts'

/**
 * Enters an invitation into the log in our own name, for the person who wished it: what had to be approved first, what
 * another node asked for, and what a crash kept from being entered. Doing it twice enters it once.
 */
export async function enterInvite(context: Context, row: InviteRow): Promise<Settled> {
  const { spaceId: space, jti, node, role, history, inviter: by } = row
  if (node === null) throw new Error('A person without a company stands in no log before they join.')
  const event = makeHostEvent(context, {
    space,
    type: 'member.invite',
    content: { jti, node, role, history, by, ...((await isMove(context, row)) ? { moves: true } : {}) },
  })
  return await context.log.append({
    space,
    origin: context.node,
    eventId: event.header.id,
    bytes: 1_000,
    groups: [],
    changesState: true,
    plan: (state) => (state?.invites.has(jti) ? refuse('already-invited') : accept([event])),
  })
}

/** A guest who has become somebody elsewhere hands their own place over. */
async function isMove({ db }: Context, { inviter, invitee }: InviteRow): Promise<boolean> {
  return (await findGuestLink(db, inviter))?.userId === invitee
}

/** Enters a guest who has taken an invitation up, for the person who wished it. Doing it twice enters them once. */
export async function enterGuest(context: Context, row: InviteRow): Promise<Settled> {
  const { spaceId: space, userId: user, history, inviter: by } = row
  if (user === null) throw new Error('Nobody has taken this invitation up.')
  // A guest brings nobody in, whatever the invitation says to somebody with a workspace.
  const role = isAtLeast(row.role, 'poster') ? 'poster' : row.role
  const content = { user, role, history, by }
  const event = makeHostEvent(context, { space, type: 'member.join', content })
  return await context.log.append({
    space,
    origin: context.node,
    eventId: event.header.id,
    bytes: 1_000,
    groups: [],
    changesState: true,
    plan: (state) => (state?.members.has(user) ? refuse('already-member') : accept([event])),
  })
}

/** May this person bring others in, with this role? Asked at the door for people whose events we do not write. */
export async function mayInvite(
  context: Context,
  space: SpaceId,
  who: { readonly user: UserId; readonly role: Role },
): Promise<boolean> {
  const standing = await findStanding(context, space, who.user)
  return standing !== undefined && isAtLeast(standing.role, 'member') && isAtLeast(standing.role, who.role)
}

/** Is this person an admin of the space, by any route? */
export async function mayDecide(context: Context, space: SpaceId, user: UserId): Promise<boolean> {
  return (await findStanding(context, space, user))?.role === 'admin'
}

async function findStanding(context: Context, space: SpaceId, user: UserId): Promise<Standing | undefined> {
  const state = (await loadStates(context.db, [space])).get(space)
  if (!state) return undefined
  const groups = await loadStates(context.db, [...state.groups.keys()])
  return standingOf(state, (group, member) => groups.get(group)?.members.get(member), user)
}
