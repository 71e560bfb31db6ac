import { normaliseTypedDomain } from '#federation/domain.ts'
import { accept, refuse } from '#federation/outcome.ts'
import { isAtLeast } from '#federation/reach.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { nodeOf } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import {
  findMoveInvite,
  finishGuestLink,
  type GuestLinkRow,
  insertGuestMove,
  listOpenGuestLinks,
  listPlaces,
} from '#server/db/guest-links.ts'
import { isMember } from '#server/db/members.ts'
import { findSpace } from '#server/db/spaces.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import { enterInvite } from '#server/policy/enter.ts'
import { openInvitation } from '#server/policy/inviting.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { closeGuest, followClosing } from './guest-administration.ts'
import { pageOf } from './mail-claims.ts'
import { newToken } from './tokens.ts'

// A guest takes their account over to a workspace of their own (C4 to C6). Their node claims it, and from then on each
// of their places goes over by an invitation of its own: to the successor, with the role and the history that the
// guest has. When the successor is in, the guest goes; when no place is left, the account ends.

/** Where a guest goes on: the page of their workspace, with a token by which it claims the account. */
export async function moveGuest(
  context: Context,
  actor: Actor,
  input: { readonly node: string },
): Promise<{ node: NodeId; url: string; expiresAt: number }> {
  if (actor.role !== 'guest') throw new Refusal('not-found')
  const node = normaliseTypedDomain(input.node)
  if (!node.ok || node.value === context.node) throw new Refusal('not-a-workspace', { reason: 'name' })
  const { token, tokenHash } = newToken(context.random)
  const expiresAt = context.clock.now() + limits.guestMoveLifeMs
  const { userId } = actor
  await context.db
    .transaction()
    .execute(async (tx) => await insertGuestMove(tx, { tokenHash, userId, expiresAt }))
  return { node: node.value, url: `${pageOf(context, node.value)}/#move=${context.node}/${token}`, expiresAt }
}

const linksAtOnceMax = 50

/** Looks whenever a guest was claimed or somebody joined, and soon after a crash or a lost wake-up. */
export async function moveClaimedGuests(context: Context): Promise<void> {
  for (const link of await listOpenGuestLinks(context.db, linksAtOnceMax)) {
    if (nodeOf(link.guest) === context.node) await movePlaces(context, link)
  }
}

async function movePlaces(context: Context, link: GuestLinkRow): Promise<void> {
  let isWaiting = false
  for (const place of await listPlaces(context.db, link.guest, context.node)) {
    const step = await movePlace(context, link, place)
    if (step === 'waits') isWaiting = true
    else await endPlace(context, place.spaceId, link.guest)
  }
  if (isWaiting) return
  const at = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    await finishGuestLink(tx, link.guest, at)
    await closeGuest(tx, link.guest)
  })
  await followClosing(context, link.guest)
}

type Place = Awaited<ReturnType<typeof listPlaces>>[number]

/** Over: the successor is in, or never will be. */
async function movePlace(context: Context, link: GuestLinkRow, place: Place): Promise<'over' | 'waits'> {
  const { spaceId } = place
  if (await isMember(context.db, spaceId, link.userId)) return 'over'
  const invite = await findMoveInvite(context.db, spaceId, link)
  if (invite) return ['approval', 'open', 'accepted'].includes(invite.status) ? 'waits' : 'over'
  const space = await findSpace(context.db, spaceId)
  if (!space) return 'over'
  const { guest: inviter, userId } = link
  const to = { kind: 'user', text: userId, node: nodeOf(userId) } as const
  // Whoever decides about a space belongs to the company that hosts it.
  const role = isAtLeast(place.role, 'admin') ? 'member' : place.role
  // What they were shown they are shown: `now` would begin anew with the successor.
  const history = place.history === 'now' ? (`since:${place.joinSeq}` as const) : place.history
  try {
    const row = await openInvitation(context, { space, inviter, isAdmin: false, to, role, history })
    if (row.status !== 'open') return 'waits'
    const settled = await enterInvite(context, row)
    return settled.status === 'refused' && settled.code !== 'already-invited' ? 'over' : 'waits'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    // Too many in one day: the next sweep goes on with it.
    return error.code === 'rate' ? 'waits' : 'over'
  }
}

/** What the guest wrote keeps their name. */
async function endPlace(context: Context, space: SpaceId, user: UserId): Promise<void> {
  const event = makeHostEvent(context, { space, type: 'member.remove', content: { user } })
  const settled = await context.log.append({
    space,
    origin: context.node,
    eventId: event.header.id,
    bytes: 1_000,
    groups: [],
    changesState: true,
    plan: (state) => (state?.members.has(user) ? accept([event]) : refuse('not-a-member')),
  })
  if (settled.status === 'refused' && settled.code !== 'not-a-member') {
    context.logger.warn({ space, user, code: settled.code }, 'The place of a guest could not be ended.')
  }
}
