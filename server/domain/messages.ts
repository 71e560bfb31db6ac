import type { Written } from '#schema/api/spaces.ts'
import type { MessagePost } from '#schema/event/message-post.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { spaceOrBegun } from './begun.ts'
import { forPeople, writeEvent } from './write.ts'

/** Something that is seen: not only white space, format characters and controls. */
const visible = /[^\s\p{Cf}\p{Cc}]/u

/** A text of white space is refused before anything is done for it. */
export function expectText(text: string): void {
  if (!visible.test(text)) throw new Refusal('text-empty')
}

export async function postMessage(
  context: Context,
  actor: Actor,
  input: MessagePost & { readonly spaceId: SpaceId; readonly idempotencyKey: string },
): Promise<Written> {
  const { spaceId, idempotencyKey, text, fmt, mentions } = input
  expectText(text)
  const space = await spaceOrBegun(context, actor, spaceId)
  if (space.begun?.state === 'refused') throw new Refusal(forPeople(space.begun.code ?? 'no-right'))
  if (space.begun?.state === 'expired') throw new Refusal('event-expired')
  return await writeEvent(context, actor, space, {
    type: 'msg.post',
    content: { text, fmt, mentions },
    idempotencyKey,
  })
}
