import { buildEvent } from '#federation/event.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { deleteCopy } from '#server/db/copies.ts'
import { listAccepted, setInviteStatus } from '#server/db/invites.ts'
import type { Tx } from '#server/db/open.ts'
import { insertPending } from '#server/db/pending.ts'
import { getUser } from '#server/db/users.ts'
import { findNodeWindow } from '#server/db/windows.ts'
import { newEventId } from '#server/ports/random.ts'
import { alarm } from '../alarm.ts'

/**
 * What a host shows is not what our users were invited to: they leave before they see any of it, and administrators
 * are told (INV-11, JOI-02). Their node leaves for them, because they cannot see why.
 */
export async function withdraw(
  context: Context,
  host: NodeId,
  space: SpaceId,
  detail: string,
): Promise<void> {
  await alarm(context, { kind: 'invite-mismatch', peer: host, space, detail, freeze: false })
  await context.db.transaction().execute(async (tx) => {
    for (const { jti, userId } of await listAccepted(tx, space, host)) {
      if (userId === null) continue
      await setInviteStatus(tx, jti, 'revoked')
      await leave(context, tx, { user: userId, host, space })
    }
    // Nobody here has ever seen anything of it.
    if ((await findNodeWindow(tx, space, context.node)) === undefined) await deleteCopy(tx, space)
  })
  context.wake.signal('submit')
}

type Leaving = { readonly user: UserId; readonly host: NodeId; readonly space: SpaceId }

async function leave(context: Context, tx: Tx, { user, host, space }: Leaving): Promise<void> {
  const { identityVersion } = await getUser(tx, user)
  const now = context.clock.now()
  const id = newEventId(context.clock, context.random)
  const { header, salt, content } = buildEvent({
    id,
    space,
    host,
    origin: context.node,
    sender: user,
    type: 'member.leave',
    content: { user, reason: 'administrator' },
    salt: context.random.bytes(limits.saltBytes),
    ts: now,
    idv: identityVersion,
  }).wire
  await insertPending(tx, {
    eventId: id,
    spaceId: space,
    host,
    sender: user,
    idempotencyKey: id,
    requestHash: '',
    header,
    salt: salt!,
    content: content!,
    expiresAt: now + limits.eventLifeMs,
    createdAt: now,
    code: null,
  })
}
