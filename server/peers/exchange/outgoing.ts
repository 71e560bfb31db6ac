import type { HttpAnswer, HttpRequest } from '#federation/transport/http.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { type Reason, reasonOf } from '#schema/reason.ts'
import type { Lane } from '#schema/wire/endpoint.ts'
import type { Problem } from '#schema/wire/problem.ts'
import type { Context } from '#server/context.ts'
import type { ExchangeRow } from '#server/db/exchanges.ts'
import { newUuid } from '#server/ports/random.ts'
import { noteClock } from './clocks.ts'
import { recordExchange } from './exchanges.ts'
import { rejectedIn } from './rejected.ts'

// One request of ours to another node: sent, judged, recorded. Nothing else sends, so nothing is unrecorded.

/** The other side understood the request and said no. `code` may be one that this version does not know. */
export type PeerRefusal = {
  readonly code: string
  readonly retry: Problem['retry']
  /** Seconds. */
  readonly retryAfter?: number
  /** How long they ask to be left alone, with 429 and 503 (G6). */
  readonly pauseMs?: number
  readonly detail?: string
  /** The other side's clock in seconds, with `clock-skew`. */
  readonly now?: number
  /** The other side's signed head, with `gap` and `fork`. */
  readonly receipt?: string
  /** Under which id the other side has recorded it. */
  readonly instance?: string
}

/** No answer came, or none that may be believed. `code` when one of our own rules refused it. */
export type PeerFailure = {
  readonly reason: Reason
  readonly detail: string
  readonly code?: string
  /** How long somebody asks for us to wait, with 429 and 503 of something before the node. */
  readonly pauseMs?: number
  /** Under which id the other side has recorded it, where it was the node. */
  readonly instance?: string
}

export type PeerAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refused: PeerRefusal }
  | { readonly ok: false; readonly failed: PeerFailure }

/** What the row says beside the request itself. */
export type About = {
  readonly node: NodeId
  /** The pattern, not the target: rows are counted by it. */
  readonly route: string
  readonly lane: Lane
  readonly space?: SpaceId | undefined
  readonly kid?: string
  readonly attempt?: number | undefined
}

export async function exchangeWith<T>(
  context: Context,
  about: About,
  request: HttpRequest,
  judge: (answer: HttpAnswer) => PeerAnswer<T> | Promise<PeerAnswer<T>>,
): Promise<PeerAnswer<T>> {
  const at = context.clock.now()
  const start = context.clock.mono()
  const sent = await context.http.send(request, context.tasks.signal)
  const durationMs = context.clock.mono() - start
  const judged: PeerAnswer<T> = sent.ok ? await judge(sent.answer) : { ok: false, failed: sent.fault }
  const answer = sent.ok ? sent.answer : undefined
  const clockDeltaMs = answer ? clockDelta(answer, at + durationMs) : null
  if (clockDeltaMs !== null) noteClock(context, about.node, clockDeltaMs)
  recordExchange(context, {
    id: newUuid(context.clock, context.random),
    at,
    direction: 'out',
    peer: about.node,
    method: request.method,
    route: about.route,
    lane: about.lane,
    spaceId: about.space ?? null,
    status: answer?.status ?? null,
    ...outcomeOf(judged),
    durationMs,
    bytesIn: answer?.body.length ?? 0,
    bytesOut: request.body?.length ?? 0,
    kid: about.kid ?? null,
    clockDeltaMs,
    attempt: about.attempt ?? 1,
    pauseMs: noOf(judged)?.pauseMs ?? null,
    instance: noOf(judged)?.instance ?? null,
  })
  return judged
}

export function failed(reason: Reason, detail: string, code?: string): { ok: false; failed: PeerFailure } {
  return { ok: false, failed: { reason, detail, ...(code === undefined ? {} : { code }) } }
}

/** A header that stands once. */
export function headerOf(answer: HttpAnswer, name: string): string | undefined {
  const value = answer.headers[name]
  return typeof value === 'string' ? value : undefined
}

type Outcome = Pick<ExchangeRow, 'verdict' | 'code' | 'reason' | 'detail'>

function outcomeOf(answer: PeerAnswer<unknown>): Outcome {
  if (answer.ok)
    return { verdict: 'accepted', code: null, reason: null, detail: null, ...rejectedIn(answer.value) }
  if ('failed' in answer) {
    const { reason, detail, code } = answer.failed
    return { verdict: 'failed', code: code ?? null, reason, detail }
  }
  const { code, detail } = answer.refused
  return { verdict: 'refused', code, reason: reasonOf(code, detail), detail: detail ?? null }
}

function noOf(answer: PeerAnswer<unknown>): PeerFailure | PeerRefusal | undefined {
  if (answer.ok) return undefined
  return 'failed' in answer ? answer.failed : answer.refused
}

/** How far their clock is from ours, to the second: for the operator's eyes, never to set anything by. */
function clockDelta(answer: HttpAnswer, now: number): number | null {
  const theirs = Date.parse(headerOf(answer, 'date') ?? '')
  return Number.isNaN(theirs) ? null : Math.round((theirs - now) / 1000) * 1000
}
