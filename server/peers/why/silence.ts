import { limits } from '#schema/limits.ts'
import type { ExchangeRow } from '#server/db/exchanges.ts'

// How a peer answers, read from the rows of our requests to it: every process works it out alike, and a command too,
// which has no part in what a running node remembers. Times of the next attempt are therefore the latest that they can
// be: whatever the peer says meanwhile ends every pause.

/** Our requests to one peer, newest first. */
export type Sent = readonly ExchangeRow[]

/** No answer of the node came, or one of a server that is broken; a client error is an answer. */
export function isSilence({ verdict, status }: ExchangeRow): boolean {
  if (status !== null && status >= 400 && status < 500) return false
  return verdict === 'failed' || (verdict === 'refused' && (status ?? 0) >= 500)
}

export type Silence = {
  /** The failures since the last answer, newest first. */
  readonly failures: Sent
  readonly isOpen: boolean
  /** When the next request goes out at the latest, of all lanes together; undefined when it answers. */
  readonly nextBy: number | undefined
}

export function silenceOf(sent: Sent): Silence {
  const told = sent.filter(({ reason }) => reason !== 'draining')
  const answer = told.findIndex((row) => !isSilence(row))
  const failures = answer === -1 ? told : told.slice(0, answer)
  const last = failures[0]
  if (!last) return { failures, isOpen: false, nextBy: undefined }
  const opened = openedAt(failures)
  const laneMs = retryMaxMs(failures.filter(({ lane }) => lane === last.lane).length)
  const probeMs = opened === undefined ? 0 : probeMaxMs(opened)
  return { failures, isOpen: opened !== undefined, nextBy: endOf(last) + Math.max(laneMs, probeMs) + slackMs }
}

/** A lane wakes, finds that it is not its turn, and looks again. */
const slackMs = 2 * limits.breakerTurnMs + limits.sweepMs

/** How many requests have failed since the breaker opened, if it did. */
function openedAt(failures: Sent): number | undefined {
  const oldestFirst = failures.toReversed()
  const needed = limits.breakerFailuresMax
  for (let i = needed - 1; i < oldestFirst.length; i++) {
    const isDense = oldestFirst[i]!.at - oldestFirst[i - needed + 1]!.at < limits.breakerWindowMs
    if (isDense) return oldestFirst.length - 1 - i
  }
  return undefined
}

/** The longest pause after so many probes that came to nothing. */
function probeMaxMs(probes: number): number {
  return Math.min(limits.retryDelayMaxMs, 1.25 * limits.breakerProbeMinMs * 2 ** Math.min(probes, 20))
}

/** The longest pause of a lane or a space after so many failures in a row. */
export function retryMaxMs(failures: number): number {
  return Math.min(limits.retryDelayMaxMs, limits.retryDelayMinMs * 2 ** Math.min(failures, 20))
}

function endOf({ at, durationMs }: ExchangeRow): number {
  return at + Math.ceil(durationMs)
}

/** The lanes that were asked to be quiet and still are. A later answer on the same lane changes nothing about it. */
export function quietOf(sent: Sent, now: number): { lane: string; until: number }[] {
  const quiet = new Map<string, number>()
  for (const row of sent) {
    // A space that is asked to wait is one space.
    const isLane = (row.status === 429 || row.status === 503) && row.code !== 'busy'
    if (row.pauseMs === null || !isLane) continue
    const until = endOf(row) + row.pauseMs
    if (until > now) quiet.set(row.lane, Math.max(until, quiet.get(row.lane) ?? 0))
  }
  return [...quiet].map(([lane, until]) => ({ lane, until }))
}
