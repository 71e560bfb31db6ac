import type { UserId } from '#schema/ids.ts'
import { receive, type Evidence, type Replica, type Verdict } from '#federation/replica.ts'
import { bob } from './fixtures.ts'
import {
  batchOf,
  begin,
  bringsIn,
  evidenceOf,
  replicaOf,
  says,
  type TestLog,
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'

// A follower of a log, and what it makes of what it is sent.

export const shared = writeAll(begin(), [...bringsIn(), says('One'), says('Two', bob), says('Three')])

export type Changes = { readonly evidence?: Partial<Evidence>; readonly replica?: Partial<Replica> }

/** What a follower that holds `held` entries makes of entries `from` to `to`. */
export function follow(
  log: TestLog,
  held: number,
  changes: Changes & { from?: number; to?: number } = {},
): Verdict {
  const batch = batchOf(log, changes.from ?? held + 1, changes.to)
  return judge(log, held, batch, changes)
}

export function judge(
  log: TestLog,
  held: number,
  batch: Parameters<typeof receive>[1],
  changes: Changes = {},
): Verdict {
  const replica = { ...replicaOf(log, held), ...changes.replica }
  return receive(replica, batch, evidenceOf(log, held, changes.evidence))
}

/** A verdict in one text: `apply`, `refuse schema/chain`, `freeze no-right/event`. */
export function say(verdict: Verdict): string {
  return 'code' in verdict ? `${verdict.do} ${verdict.code}/${verdict.detail}` : verdict.do
}

/** What becomes of one more entry behind `log`: `verified`, `unverified no-right`, or the verdict on the batch. */
export function standing(log: TestLog, wish: Wish, changes: Changes = {}): string {
  const grown = write(log, wish)
  const verdict = follow(grown, log.head.seq, changes)
  if (verdict.do !== 'apply') return say(verdict)
  const { standing, fault } = verdict.judged.at(-1)!
  return fault ? `${standing} ${fault.code}` : standing
}

export const leave = (user: UserId): Wish => ({ type: 'member.leave', content: { user }, sender: user })
