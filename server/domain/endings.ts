import { buildEvent, type Event } from '#federation/event.ts'
import { accept, refuse } from '#federation/outcome.ts'
import { isLastAdmin } from '#federation/rules/last-admin.ts'
import type { SpaceState } from '#federation/state.ts'
import type { ContentOf, EventType } from '#schema/event/types.ts'
import { type EventId, nodeOf, type SpaceId, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listHeirs, listUnvouched, type Unvouched } from '#server/db/unvouched.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import { newEventId } from '#server/ports/random.ts'

// Memberships of people for whom nobody vouches any more, in the spaces that we host (IDN-13). Everything follows from
// their status, so it does not matter who noticed, or how often this runs.

const atOnceMax = 500

/** Looks whenever somebody is vouched for anew or no more, and soon after a crash or a lost wake-up. */
export function startEndings(context: Context): void {
  context.wake.listen('identities', () => {
    context.tasks.spawn('endings', async () => await endUnvouched(context))
  })
  context.tasks.every('endings', limits.endingsSweepMs, async () => await endUnvouched(context))
}

/** Ends those that are open. Our own users leave, by their administrator; others are removed, with a fence. */
export async function endUnvouched(context: Context): Promise<void> {
  for (const membership of await listUnvouched(context.db, context.node, atOnceMax)) {
    await end(context, membership)
  }
}

async function end(context: Context, { spaceId, userId, version }: Unvouched): Promise<void> {
  const isOurs = nodeOf(userId) === context.node
  const heirs = isOurs ? await listHeirs(context.db, spaceId, context.node) : []
  const id = newEventId(context.clock, context.random)
  const whose = { space: spaceId, user: userId, version }
  const settled = await context.log.append({
    space: spaceId,
    origin: context.node,
    eventId: id,
    bytes: 2_000,
    groups: [],
    changesState: true,
    plan: (state) => {
      if (!state?.members.has(userId)) return refuse('not-a-member')
      if (isOurs) return leaving(context, state, { ...whose, id, heirs })
      return accept([
        makeHostEvent(context, { id, space: spaceId, type: 'member.remove', content: { user: userId } }),
      ])
    },
  })
  if (settled.status === 'refused' && settled.code !== 'not-a-member') {
    context.logger.warn(
      { space: spaceId, user: userId, code: settled.code },
      'A membership could not be ended.',
    )
  }
}

type Leaver = { readonly space: SpaceId; readonly user: UserId; readonly version: number }

/** A group whose last admin goes is left to the colleague who has been in it longest. */
function leaving(
  context: Context,
  state: SpaceState,
  leaver: Leaver & { readonly id: EventId; readonly heirs: readonly UserId[] },
) {
  const { user, id } = leaver
  const content = { user, reason: 'administrator' } as const
  const leave = write(context, leaver, { type: 'member.leave', content, id })
  if (!isLastAdmin(state, user)) return accept([leave])
  const heir = leaver.heirs.find((one) => state.members.has(one))
  if (!heir) return refuse('last-admin')
  const left = write(context, leaver, { type: 'member.role', content: { user: heir, role: 'admin' } })
  return accept([left, leave])
}

/** An event that a node writes for its own user, as it may at any time. */
function write<T extends EventType>(
  context: Context,
  { space, user, version }: Leaver,
  { type, content, id }: { readonly type: T; readonly content: ContentOf<T>; readonly id?: EventId },
): Event {
  return buildEvent({
    id: id ?? newEventId(context.clock, context.random),
    space,
    host: context.node,
    origin: context.node,
    sender: user,
    type,
    content,
    salt: context.random.bytes(limits.saltBytes),
    ts: context.clock.now(),
    idv: version,
  })
}
