import { speaks } from '#federation/version.ts'
import { type Reason, reasonOf, reasons } from '#schema/reason.ts'
import { limits } from '#schema/limits.ts'
import type { Hindrance, PeerWhy } from '#schema/why.ts'
import type { ExchangeRow } from '#server/db/exchanges.ts'
import type { PeerRow } from '#server/db/peers.ts'
import { damaged } from '#server/db/spaces.ts'
import type { FollowerRow } from '#server/db/why.ts'
import { versionsIn } from '../discovery/spoken.ts'
import { quietOf, retryMaxMs, type Sent, silenceOf } from './silence.ts'

// What keeps something from arriving, by what is recorded. Decisions of administrators come first, then what is true of
// one space, then whether the peer answers at all, and last what it said to the last request.

/** What is known of a peer. */
export type PeerFacts = {
  readonly row: PeerRow | undefined
  readonly sent: Sent
  /** Since when we ask others what we had said before a restore. */
  readonly recoveringSince: number | null
  readonly now: number
}

type What = Partial<Omit<Hindrance, 'reason'>>

export function hindrance(reason: Reason, what: What = {}): Hindrance {
  return { reason, detail: null, at: null, nextAttemptBy: null, cause: null, ...what }
}

/** What is decided, or follows from what the peer is: nothing is tried until that changes. */
export function holdOnPeer({ row, recoveringSince }: PeerFacts): Hindrance | undefined {
  if (recoveringSince !== null)
    return hindrance('policy-hold', { detail: 'recovery-mode', at: recoveringSince })
  if (!row) return undefined
  if (row.conflict) return hindrance('policy-hold', { detail: 'key-conflict' })
  if (row.retiredAt !== null) return hindrance('policy-hold', { detail: 'peer-retired', at: row.retiredAt })
  if (row.blocked) return hindrance('policy-hold', { detail: 'blocked' })
  if (row.paused) return hindrance('policy-hold', { detail: 'paused' })
  const versions = versionsIn(row)
  return versions.some(speaks) ? undefined : hindrance('version', { detail: versions.join(' ') })
}

/** Whether it answers at all, and wants to be asked. Without a lane: whether any of them is asked to be quiet. */
export function silenceOfPeer({ sent, now }: PeerFacts, lane?: string): Hindrance | undefined {
  const { failures, isOpen, nextBy } = silenceOf(sent)
  const [last] = failures
  if (last && isOpen) {
    const cause = { reason: classOf(last), detail: detailOf(last) }
    return hindrance('breaker-open', { at: last.at, nextAttemptBy: nextBy ?? null, cause })
  }
  const quiet = quietOf(sent, now).find((each) => lane === undefined || each.lane === lane)
  if (quiet) return hindrance('rate-limited', { detail: quiet.lane, nextAttemptBy: quiet.until })
  return (
    last && hindrance(classOf(last), { detail: detailOf(last), at: last.at, nextAttemptBy: nextBy ?? null })
  )
}

/** Everything about a peer, and what it said to the last request of a lane. */
export function hindranceOfPeer(facts: PeerFacts, lane?: string): Hindrance | null {
  const held = holdOnPeer(facts) ?? silenceOfPeer(facts, lane)
  if (held) return held
  const last = facts.sent.find((row) => lane === undefined || row.lane === lane)
  return last && last.verdict !== 'accepted' ? ofRow(last, facts) : null
}

/** Why a follower of a log of ours lacks entries. */
export function hindranceOfFollower(follower: FollowerRow, facts: PeerFacts): Hindrance | null {
  if (lagOf(follower) === 0) return null
  const { now } = facts
  const held = holdOnPeer(facts)
  if (held) return held
  if (follower.frozen === damaged) return hindrance('quarantine', { detail: damaged })
  const { purgeSince, stopped, nextAttemptAt, spaceId } = follower
  if (purgeSince !== null) {
    const until = purgeSince + limits.purgeOverdueMs
    return hindrance('purge-running', { detail: 'unconfirmed', at: purgeSince, nextAttemptBy: until })
  }
  if (stopped !== null) return hindrance(reasonOf(stopped), { detail: stopped })
  const silent = silenceOfPeer(facts, 'log')
  if (silent) return silent
  const due = nextAttemptAt > now ? nextAttemptAt + limits.sweepMs : null
  const last = facts.sent.find((row) => row.spaceId === spaceId && row.lane === 'log')
  if (last && last.verdict !== 'accepted')
    return { ...ofRow(last, facts), ...(due === null ? {} : { nextAttemptBy: due }) }
  return due === null ? null : hindrance('gap', { detail: 'fetches-by-itself', nextAttemptBy: due })
}

export function lagOf({ headSeq, ackedSeq, fromSeq }: FollowerRow): number {
  return Math.max(0, headSeq - Math.max(ackedSeq, fromSeq - 1))
}

function ofRow(row: ExchangeRow, { sent, now }: PeerFacts): Hindrance {
  // So many in a row of the same kind have failed that the pause can have grown to this.
  const alike = sent.filter(({ lane, spaceId }) => lane === row.lane && spaceId === row.spaceId)
  const answered = alike.findIndex(({ verdict }) => verdict === 'accepted')
  const failures = answered === -1 ? alike.length : answered
  const by = row.at + Math.ceil(row.durationMs) + (row.pauseMs ?? retryMaxMs(failures + 1)) + limits.sweepMs
  return hindrance(classOf(row), { detail: detailOf(row), at: row.at, nextAttemptBy: Math.max(by, now) })
}

export function lanesIn({ sent, now }: PeerFacts): PeerWhy['lanes'] {
  const quiet = quietOf(sent, now)
  return [...new Set(sent.map(({ lane }) => lane))].toSorted().map((lane) => {
    const last = sent.find((row) => row.lane === lane)!
    const { at, verdict } = last
    const went = verdict === 'accepted' ? null : { reason: classOf(last), detail: detailOf(last) }
    const quietUntil = quiet.find((each) => each.lane === lane)?.until ?? null
    return { lane, at, verdict, reason: went?.reason ?? null, detail: went?.detail ?? null, quietUntil }
  })
}

/** Rows of earlier versions have no class, and another version may have classes that we do not know. */
function classOf({ reason, code, detail, verdict }: ExchangeRow): Reason {
  const known = reasons.find((each) => each === reason)
  if (known !== undefined && known !== 'refused') return known
  if (code !== null) return reasonOf(code, detail ?? undefined)
  return known ?? (verdict === 'refused' ? 'refused' : 'connect')
}

/** The code says what was refused, the detail says what failed. */
function detailOf({ verdict, code, detail }: ExchangeRow): string | null {
  if (verdict === 'failed') return detail ?? code
  return code === null || detail === null || detail === code ? (code ?? detail) : `${code}, ${detail}`
}
