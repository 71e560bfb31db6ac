import type { Written } from '#schema/api/spaces.ts'
import type { MessagePost } from '#schema/event/message-post.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'
import { spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'
import { writeEvent } from './write.ts'

/** Something that is seen: not only white space, format characters and controls. */
const visible = /[^\s\p{Cf}\p{Cc}]/u

export async function postMessage(
  context: Context,
  actor: Actor,
  input: MessagePost & { readonly spaceId: SpaceId; readonly idempotencyKey: string },
): Promise<Written> {
  const { spaceId, idempotencyKey, text, fmt, mentions } = input
  if (!visible.test(text)) throw new Refusal('text-empty')
  const space = await spaceForReader(context, actor, spaceId)
  return await writeEvent(context, actor, space, {
    type: 'msg.post',
    content: { text, fmt, mentions },
    idempotencyKey,
  })
}
