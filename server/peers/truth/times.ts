import type { Judged, Replica } from '#federation/replica.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { findEntryAt } from '#server/db/entries.ts'
import { alarmDaily } from '../alarm.ts'

/**
 * Reports a host whose clock goes back from one entry to the next, or is far ahead of ours: what expires by it expires
 * wrongly. The order is that of the log and has nothing to do with it, so nothing is refused (R15).
 */
export async function watchTimes(
  context: Context,
  { host: peer, space, head }: Replica,
  { judged }: { readonly judged: readonly Judged[] },
): Promise<void> {
  const latest = context.clock.now() + limits.entryAheadMs
  let before = head.seq === 0 ? 0 : ((await findEntryAt(context.db, space, head.seq)) ?? 0)
  for (const { entry } of judged) {
    const { seq, at } = entry.body
    const isBack = at < before
    before = at
    if (!isBack && at <= latest) continue
    const detail = `the time of entry ${seq} is ${isBack ? 'before that of the entry before' : 'far ahead'}`
    await alarmDaily(context, { kind: 'host-clock', peer, space, detail, freeze: false })
  }
}
