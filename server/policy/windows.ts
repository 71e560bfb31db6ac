import type { HistoryWindow, SpaceKind } from '#schema/event/shared.ts'
import type { HistoryWish } from '#schema/history.ts'
import type { Context } from '#server/context.ts'
import type { ReachedSpace } from '#server/db/access.ts'
import { findFirstSince, findLastStateSeq } from '#server/db/entries.ts'
import { Refusal } from '#server/refusal.ts'

// How much of the past somebody gives to whom they bring in (§7.7). Nobody gives more than they see; and a window is
// decided here, at the host's door: a follower only reads what the log says.

/** What is meant when nothing is said: sharing a thread is the point of it, a group begins with who comes. */
const usual: Record<SpaceKind, HistoryWindow> = { thread: 'all', group: 'now', dm: 'all' }

/**
 * The window to write down for a wish, in a space that we host. Without a wish it is the usual one of the space, or
 * `otherwise`, as far as the giver sees.
 */
export async function grantWindow(
  context: Context,
  space: ReachedSpace,
  wish: HistoryWish | undefined,
  otherwise: HistoryWindow = usual[space.kind],
): Promise<HistoryWindow> {
  const wanted = await entryOf(context, space, wish ?? otherwise)
  // Who is in a dm is in all of it.
  if (space.kind === 'dm' && wanted !== 1) throw new Refusal('wrong-kind')
  if (wanted === 'now') return 'now'
  if (wish !== undefined && wanted < space.fromSeq) throw new Refusal('history-too-wide')
  return await windowFrom(context, space, Math.max(wanted, space.fromSeq))
}

async function entryOf(
  context: Context,
  { id, headSeq }: ReachedSpace,
  wish: HistoryWish,
): Promise<number | 'now'> {
  if (wish === 'now') return 'now'
  if (wish === 'all') return 1
  if (typeof wish === 'object') return (await findFirstSince(context.db, id, wish.date)) ?? 'now'
  const seq = Number(wish.slice('since:'.length))
  if (seq > headSeq) throw new Refusal('invalid-request', { field: 'history' })
  return seq
}

/** In a group a window also says which threads it includes, and those are anchored at state entries (T7). */
async function windowFrom(context: Context, space: ReachedSpace, seq: number): Promise<HistoryWindow> {
  const from = space.kind === 'group' ? await findLastStateSeq(context.db, space.id, seq) : seq
  return from === 1 ? 'all' : `since:${from}`
}
