import type { DisputedEntry } from '#schema/api/disputed-entries.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { listDisputed } from '#server/db/disputed.ts'
import { cutTimePage, readTimePosition } from '#server/db/time-pages.ts'
import { Refusal } from '#server/refusal.ts'

type Asked = {
  readonly node?: NodeId | undefined
  readonly before?: string | undefined
  readonly limit: number
}

/** A page of what is disputed here, newest first. `next` is the `before` of the page after it. */
export async function pageOfDisputed(
  { db }: Context,
  { node, before: text, limit }: Asked,
): Promise<{ entries: DisputedEntry[]; next: string | null }> {
  const before = text === undefined ? undefined : readTimePosition(text)
  if (text !== undefined && !before) throw new Refusal('bad-cursor')
  const { rows, next } = cutTimePage(await listDisputed(db, node, { before, limit: limit + 1 }), limit)
  return {
    entries: rows.map(({ spaceId, origin, ...row }) => ({ space: spaceId, node: origin, ...row })),
    next,
  }
}
