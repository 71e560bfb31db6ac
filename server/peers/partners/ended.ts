import { accept, refuse } from '#federation/outcome.ts'
import { nodeOf, type NodeId, type SpaceId, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { putEnding } from '#server/db/endings.ts'
import { insertPending } from '#server/db/pending.ts'
import { listEndedPeers } from '#server/db/peers.ts'
import { listMembershipsIn, listSharedSpaces } from '#server/db/removal-previews.ts'
import { getUser } from '#server/db/users.ts'
import { writeLeave } from '#server/log/leave.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import { newEventId } from '#server/ports/random.ts'
import { endInvitesWith } from '../invites/uninvite.ts'

// What follows from the end of a partnership, or of a company, on both sides alike: their people leave what we host, with fences and
// purges as ever; ours leave what they host; what is open between us is revoked. What is left to do is read from the memberships that are left.

export async function sweepEnded(context: Context): Promise<void> {
  for (const { node, retiredAt } of await listEndedPeers(context.db, context.node)) {
    for (const space of await listSharedSpaces(context.db, context.node, node)) {
      await removeAll(context, space.id, node)
    }
    // Who has closed takes nobody's leave in; what it hosted is an archive.
    if (retiredAt === null) await leaveAll(context, node)
    await endInvitesWith(context, node)
  }
}

/** The host itself may always end memberships (E28). */
async function removeAll(context: Context, space: SpaceId, node: NodeId): Promise<void> {
  const first = newEventId(context.clock, context.random)
  await context.log.append({
    space,
    origin: context.node,
    eventId: first,
    bytes: limits.headerBytesMax,
    groups: [],
    changesState: true,
    plan: (state) => {
      const users = [...(state?.members.keys() ?? [])].filter((user) => nodeOf(user) === node)
      // They reach it through a group only, and go with that one.
      if (users.length === 0) return refuse('unknown-target')
      return accept(
        users.map((user, i) =>
          makeHostEvent(context, {
            space,
            type: 'member.remove',
            content: { user },
            ...(i === 0 ? { id: first } : {}),
          }),
        ),
      )
    },
  })
}

async function leaveAll(context: Context, host: NodeId): Promise<void> {
  const memberships = await listMembershipsIn(context.db, host, context.node, limits.pageLengthMax)
  for (const { spaceId, userId } of memberships) await leave(context, host, spaceId, userId)
  if (memberships.length === 0) return
  context.live.recheck({})
  context.wake.signal('access')
  context.wake.signal('submit')
}

async function leave(context: Context, host: NodeId, space: SpaceId, user: UserId): Promise<void> {
  const { identityVersion: version } = await getUser(context.db, user)
  const event = writeLeave(context, { host, space, user, version })
  const { header, salt, content } = event.wire
  const now = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    await putEnding(tx, space, user, now)
    await insertPending(tx, {
      eventId: event.header.id,
      spaceId: space,
      host,
      sender: user,
      idempotencyKey: event.header.id,
      requestHash: event.hash,
      header,
      salt: salt!,
      content: content!,
      expiresAt: event.header.exp,
      createdAt: now,
      code: null,
    })
  })
}
