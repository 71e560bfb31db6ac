import type { FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '#schema/limits.ts'
import { refusals } from '#schema/refusal.ts'
import type { Problem } from '#schema/wire/problem.ts'
import type { Context } from '#server/context.ts'
import { refusalOfFault } from '#server/log/faults.ts'
import { Refusal } from '#server/refusal.ts'
import { refusalOf } from '../framework-errors.ts'
import { exchangeOf, settle } from './exchange.ts'

// A no to another node: a problem document that tells its queue what to do, and one row that both operators can
// find by its `instance`. Never a stack, a statement, a path, or anything about anybody else.

const retryAfterSeconds = 5

/** The error handler of the federation API. */
export function sendProblem(
  context: Context,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const exchange = exchangeOf(context, request)
  const isGone = request.raw.readableAborted
  const refusal = refusalOf(error, request)?.refusal ?? refusalOfError(error, isGone)
  const problem = problemOf(refusal, exchange.id)
  const body = Buffer.from(JSON.stringify(problem))
  const isOurs = problem.status >= 500
  settle(context, request, {
    status: problem.status,
    verdict: isOurs || isGone ? 'failed' : 'refused',
    code: refusal.code,
    ...(isGone ? { reason: 'connect' } : {}),
    detail: wordOf(refusal),
    bytesOut: body.length,
  })
  if (isOurs && refusal.code !== 'busy') {
    context.logger.error(
      { instance: exchange.id, code: refusal.code, err: error },
      'A peer could not be served.',
    )
  }
  if (problem.retry_after !== undefined) reply.header('retry-after', String(problem.retry_after))
  // What is left of the body is not read: there may be two megabytes of it behind a wrong signature.
  if (mayHaveBody(request)) reply.header('connection', 'close')
  return reply.status(problem.status).header('content-type', 'application/problem+json').send(body)
}

function problemOf(refusal: Refusal, instance: string): Problem {
  const { code, details } = refusal
  const entry: { status: number; sentence: string; retry?: Problem['retry'] } = refusals[code]
  // Something of ours broke, and may be mended: their queue keeps what it has.
  const retry = entry.retry ?? (entry.status >= 500 ? 'later' : 'never')
  const word = wordOf(refusal)
  const { now, receipt, supported, retryAfter } = details
  return {
    type: `urn:parley:problem:${code}`,
    title: entry.sentence,
    status: entry.status,
    ...(word === undefined ? {} : { detail: word }),
    instance: `urn:uuid:${instance}`,
    retry,
    ...(retry === 'later' ? { retry_after: Number(retryAfter ?? retryAfterSeconds) } : {}),
    ...(typeof now === 'number' ? { now } : {}),
    ...(typeof receipt === 'string' ? { receipt } : {}),
    ...(Array.isArray(supported) ? { supported: [...(supported as string[])] } : {}),
  }
}

const inMembersOfTheirOwn = new Set(['now', 'receipt', 'supported', 'retryAfter'])

/** What a refusal says beyond its code, in a few words of ours. */
function wordOf({ details }: Refusal): string | undefined {
  const words = Object.entries(details)
    .filter(([name]) => !inMembersOfTheirOwn.has(name))
    .map(([name, value]) => (name === 'detail' ? String(value) : `${name} ${String(value)}`))
  return words.length === 0 ? undefined : words.join(', ').slice(0, limits.problemDetailCharactersMax)
}

function refusalOfError(error: unknown, isGone: boolean): Refusal {
  if (isGone) return new Refusal('bad-header', { detail: 'body-cut-off' }, { cause: error })
  const { statusCode } = (error ?? {}) as { statusCode?: unknown }
  if (statusCode === 429) return new Refusal('rate', {}, { cause: error })
  return refusalOfFault(error)
}

function mayHaveBody({ raw, headers }: FastifyRequest): boolean {
  return (
    !raw.complete &&
    (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
  )
}
