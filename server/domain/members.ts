import type { Written } from '#schema/api/spaces.ts'
import type { Role } from '#schema/event/shared.ts'
import type { Handle, SpaceId, UserId } from '#schema/ids.ts'
import type { HistoryWish } from '#schema/history.ts'
import type { Context } from '#server/context.ts'
import { findUserByHandle } from '#server/db/accounts.ts'
import { Refusal } from '#server/refusal.ts'
import { hostedSpace, spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'
import { grantWindow } from '#server/policy/windows.ts'
import { writeEvent } from './write.ts'

/** Adds somebody of this workspace to a space that it hosts. */
export async function addMember(
  context: Context,
  actor: Actor,
  input: {
    readonly spaceId: SpaceId
    readonly handle: Handle
    readonly role: Role
    readonly history?: HistoryWish | undefined
    readonly idempotencyKey: string
  },
): Promise<Written> {
  const space = await hostedSpace(context, actor, input.spaceId)
  const user = await findUserByHandle(context.db, input.handle)
  if (!user) throw new Refusal('not-found', { field: 'handle' })
  const history = await grantWindow(context, space, input.history, 'all')
  return await writeEvent(context, actor, space, {
    type: 'member.join',
    content: { user, role: input.role, history },
    idempotencyKey: input.idempotencyKey,
  })
}

/**
 * Ends a membership. The fence to the home node of somebody of another company is part of the same commit;
 * delivery sends it ahead of everything else.
 */
export async function removeMember(
  context: Context,
  actor: Actor,
  input: { readonly spaceId: SpaceId; readonly userId: UserId },
): Promise<Written> {
  const space = await spaceForReader(context, actor, input.spaceId)
  const { userId: user } = input
  return user === actor.userId
    ? await writeEvent(context, actor, space, { type: 'member.leave', content: { user } })
    : await writeEvent(context, actor, space, { type: 'member.remove', content: { user } })
}
