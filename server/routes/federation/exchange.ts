import type { FastifyRequest } from 'fastify'
import type { NodeId } from '#schema/ids.ts'
import { type Reason, reasonOf } from '#schema/reason.ts'
import type { WireEndpoint } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import { newUuid } from '#server/ports/random.ts'
import { recordExchange } from '#server/peers/exchange/exchanges.ts'
import { mayRecordUnproven } from '#server/peers/exchange/unproven-rows.ts'

// What the federation log will say about a request while it is being served. One request is one row, whatever
// becomes of it, unless too many come from nobody: the row is written when the answer is decided, not when it is read.

export type Exchange = {
  /** Also the `instance` of a problem document: both operators can quote it. */
  readonly id: string
  readonly at: number
  readonly startedAt: number
  readonly route: string
  readonly lane: string
  /** As the request claims, until it is verified. */
  peer: NodeId | null
  kid: string | null
  clockDeltaMs: number | null
  space: string | null
  bytesIn: number
  /** A good signature has shown that `peer` is who it is. */
  isProven: boolean
  isSettled: boolean
}

export type Settlement = {
  readonly status: number
  readonly verdict: 'accepted' | 'refused' | 'failed'
  readonly code?: string
  readonly reason?: Reason
  readonly detail?: string | undefined
  readonly bytesOut: number
}

const open = new WeakMap<FastifyRequest, Exchange>()

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The contract of the federation API that a route serves. */
    wire?: WireEndpoint
  }
}

/** The exchange of a request, begun when it is first asked for. */
export function exchangeOf(context: Context, request: FastifyRequest): Exchange {
  const known = open.get(request)
  if (known) return known
  const contract = request.routeOptions.config.wire
  const exchange: Exchange = {
    id: newUuid(context.clock, context.random),
    at: context.clock.now(),
    startedAt: context.clock.mono(),
    // A path that we do not serve is anybody's text: it is not kept.
    route: contract?.url ?? '(none)',
    lane: contract?.lane ?? 'discovery',
    peer: null,
    kid: null,
    clockDeltaMs: null,
    space: null,
    bytesIn: 0,
    isProven: false,
    isSettled: false,
  }
  open.set(request, exchange)
  return exchange
}

export function settle(context: Context, request: FastifyRequest, settlement: Settlement): void {
  const exchange = exchangeOf(context, request)
  if (exchange.isSettled) return
  exchange.isSettled = true
  if (!exchange.isProven && !mayRecordUnproven(context, request.ip)) return
  const { status, verdict, code, reason, detail, bytesOut } = settlement
  recordExchange(context, {
    id: exchange.id,
    at: exchange.at,
    direction: 'in',
    peer: exchange.peer,
    method: request.method,
    route: exchange.route,
    lane: exchange.lane,
    spaceId: exchange.space,
    status,
    verdict,
    code: code ?? null,
    reason: reason ?? (code === undefined ? null : reasonOf(code, detail)),
    detail: detail ?? null,
    durationMs: context.clock.mono() - exchange.startedAt,
    bytesIn: exchange.bytesIn,
    bytesOut,
    kid: exchange.kid,
    clockDeltaMs: exchange.clockDeltaMs,
    attempt: 1,
    pauseMs: null,
    instance: null,
  })
}
