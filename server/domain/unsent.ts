import type { MessagePost } from '#schema/event/message-post.ts'
import type { SpaceCreate } from '#schema/event/space-create.ts'
import type { EventId } from '#schema/ids.ts'
import type { Unsent } from '#schema/removal.ts'
import type { Context } from '#server/context.ts'
import { deleteUnsent, listUnsent as listRows } from '#server/db/pending.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'

/** What somebody wrote that no log took: their own words stay theirs, also for a space that they have lost. */
export async function listUnsent(
  context: Context,
  actor: Actor,
  page: { readonly limit: number },
): Promise<{ unsent: Unsent[] }> {
  const rows = await listRows(context.db, actor.userId, page.limit)
  return {
    unsent: rows.flatMap((row) => {
      const { text, settings } = JSON.parse(row.content) as Partial<MessagePost & SpaceCreate>
      const words = row.begins ? settings?.title : text
      if (words === undefined) return []
      const type = row.begins ? 'space.create' : 'msg.post'
      const { eventId: id, spaceId: space, host, createdAt, state, code } = row
      return [{ id, space, host, type, text: words, createdAt, state: state as Unsent['state'], code }]
    }),
  }
}

export async function discardUnsent(context: Context, actor: Actor, id: EventId): Promise<{ id: EventId }> {
  const isGone = await context.db
    .transaction()
    .execute(async (tx) => await deleteUnsent(tx, actor.userId, id))
  if (!isGone) throw new Refusal('not-found')
  return { id }
}
