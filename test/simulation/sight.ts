import { includesThread } from '#federation/reach.ts'
import type { Copy, Replica } from '../helpers/checker/load.ts'
import type { Closure, Read } from './parts.ts'

// What somebody was ever granted to see of a space, worked out from its host's log in the end: windows, ends, and the
// moment from which each end was known where they read.

/** Entries from `from` up to, without it, `before`. */
export type Sight = {
  readonly user: string
  readonly from: number
  readonly before: number
  /** Through a group: what the thread's host wrote after this time is behind the end in the group's log. */
  readonly beforeAt: number
  /** The membership by which it is seen, and where that ended. */
  readonly by: { readonly space: string; readonly joinSeq: number; readonly endSeq: number | null }
}

/** Two logs of one host are compared by its clock, which an entry takes before it is committed. */
const clockSlackMs = 15_000

/** The first entry of a window that was granted at a seq. */
function startOf(history: string, grantedAt: number): number {
  if (history === 'all') return 1
  return history === 'now' ? grantedAt : Math.min(grantedAt, Number(history.slice('since:'.length)))
}

export function sightsOf(host: Replica, copy: Copy): Sight[] {
  const direct = copy.members.map(({ userId, history, joinSeq, untilSeq }): Sight => ({
    user: userId,
    from: startOf(history, joinSeq),
    before: untilSeq ?? Infinity,
    beforeAt: Infinity,
    by: { space: copy.space.id, joinSeq, endSeq: untilSeq },
  }))
  const through = copy.recipients.flatMap((recipient) => {
    const group = host.copies.get(recipient.groupId)
    return (group?.members ?? []).flatMap(({ userId, history, joinSeq, untilSeq }): Sight[] => {
      if (!includesThread(history, joinSeq, recipient.anchorSeq)) return []
      const end = untilSeq === null ? undefined : group?.entries.find(({ seq }) => seq === untilSeq)
      return [
        {
          user: userId,
          from: startOf(recipient.history, recipient.addSeq),
          before: recipient.removeSeq ?? Infinity,
          beforeAt: end ? end.at + clockSlackMs : Infinity,
          by: { space: recipient.groupId, joinSeq, endSeq: untilSeq },
        },
      ]
    })
  })
  return [...direct, ...through]
}

/** Does this sight show the entry? `isEndShown`: a node is sent also the entry that ends it. */
export function shows(sight: Sight, copy: Copy, seq: number, isEndShown = false): boolean {
  const isBehindEnd = isEndShown ? seq > sight.before : seq >= sight.before
  if (seq < sight.from || isBehindEnd) return false
  return sight.beforeAt === Infinity || (copy.entries[seq - 1]?.at ?? 0) <= sight.beforeAt
}

/** Was the end of it known at the reader's node when they asked? */
export function isClosed({ user, by }: Sight, read: Read, closures: readonly Closure[]): boolean {
  if (by.endSeq === null) return false
  return closures.some(
    ({ node, space, subject, fromSeq, at }) =>
      at < read.at &&
      node === read.person.node.id &&
      space === by.space &&
      (subject === user || subject === '*') &&
      by.endSeq! <= fromSeq &&
      by.joinSeq < fromSeq,
  )
}
