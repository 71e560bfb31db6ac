import type { Written } from '#schema/api/spaces.ts'
import { nodeOf, type SpaceId, type UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { putEnding } from '#server/db/endings.ts'
import { findOpenMember } from '#server/db/members.ts'
import { insertPending } from '#server/db/pending.ts'
import { findSpace } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { auditOf } from './audit.ts'
import { eventOf } from './write.ts'

/**
 * An administrator ends a colleague's membership in a space that another company hosts. Here it is closed with this
 * commit, whether that company can be reached or not; its log takes it up when it can.
 */
export async function endMembership(
  context: Context,
  actor: Actor,
  input: { readonly userId: UserId; readonly spaceId: SpaceId },
): Promise<Written> {
  const { userId, spaceId } = input
  const space = await findSpace(context.db, spaceId)
  if (!space || space.host === context.node || nodeOf(userId) !== context.node) throw new Refusal('not-found')
  if (!(await findOpenMember(context.db, spaceId, userId))) throw new Refusal('not-found')
  const event = eventOf(
    context,
    actor,
    { id: spaceId, host: space.host },
    { type: 'member.leave', content: { user: userId, reason: 'administrator' } },
  )
  const { header, salt, content } = event.wire
  const { id, exp } = event.header
  await context.db.transaction().execute(async (tx) => {
    const subject = `${userId} ${spaceId}`
    await insertAudit(tx, auditOf(context, actor, { act: 'member.end', subject }))
    await putEnding(tx, spaceId, userId, context.clock.now())
    await insertPending(tx, {
      eventId: id,
      spaceId,
      host: space.host,
      sender: actor.userId,
      idempotencyKey: id,
      requestHash: event.hash,
      header,
      salt: salt!,
      content: content!,
      expiresAt: exp,
      createdAt: context.clock.now(),
      code: null,
    })
  })
  context.live.recheck({ user: userId })
  context.wake.signal('access')
  context.wake.signal('submit')
  return { state: 'queued', id }
}
