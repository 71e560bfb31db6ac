import type { Written } from '#schema/api/spaces.ts'
import type { HistoryWish } from '#schema/history.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'
import { hostedSpace, spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'
import { gatherCompanies } from './companies.ts'
import { grantWindow } from '#server/policy/windows.ts'
import { writeEvent } from './write.ts'

type Addressing = {
  readonly spaceId: SpaceId
  readonly groupId: SpaceId
  readonly history?: HistoryWish | undefined
  /** Companies that the sender agrees to bring in. */
  readonly companies: readonly NodeId[]
  readonly idempotencyKey: string
}

/** Addresses a thread to one more group; both have to be hosted here. */
export async function addGroup(context: Context, actor: Actor, input: Addressing): Promise<Written> {
  const thread = await hostedSpace(context, actor, input.spaceId)
  const group = await spaceForReader(context, actor, input.groupId)
  if (group.kind !== 'group') throw new Refusal('wrong-kind')
  if (group.host !== thread.host) throw new Refusal('other-host', { host: group.host })
  const history = await grantWindow(context, thread, input.history)
  await gatherCompanies(context, actor, { space: thread.id, groups: [group.id], agreed: input.companies })
  return await writeEvent(context, actor, thread, {
    type: 'recipient.add',
    content: { group: group.id, history },
    groups: [group.id],
    idempotencyKey: input.idempotencyKey,
  })
}

/** Addresses a thread to a group no longer. Who reached it only so loses it. */
export async function removeGroup(
  context: Context,
  actor: Actor,
  input: Pick<Addressing, 'spaceId' | 'groupId'>,
): Promise<Written> {
  const thread = await hostedSpace(context, actor, input.spaceId)
  return await writeEvent(context, actor, thread, {
    type: 'recipient.remove',
    content: { group: input.groupId },
    groups: [input.groupId],
  })
}
