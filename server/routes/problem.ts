import { type RefusalCode, refusals } from '#schema/refusal.ts'
import type { Context } from '#server/context.ts'
import { refusalOfFault } from '#server/log/faults.ts'
import { newUuid } from '#server/ports/random.ts'
import type { Refusal } from '#server/refusal.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refusalOf, type RuleBroken } from './framework-errors.ts'

// Every no of this server is a problem document (RFC 9457) with a code from the closed list. A fault says no more
// than where its operator finds it.

export type ProblemDocument = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const retryAfterSeconds = 1
const reserved = new Set(['type', 'title', 'status', 'detail', 'instance', 'retry', 'errors'])

/** The error handler: answers, and tells the operator what broke. */
export function sendProblem(
  context: Context,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { refusal, errors } = refusalOf(error, request) ?? { refusal: refusalOfFault(error) }
  const instance = newUuid(context.clock, context.random)
  const { method } = request
  const route = request.routeOptions.url
  const about = { instance, code: refusal.code, method, route }
  if (refusals[refusal.code].status >= 500 && refusal.code !== 'busy') {
    context.logger.error({ ...about, err: error }, 'A request failed.')
  } else {
    context.logger.debug(about, 'A request was refused.')
  }
  const { status, headers, body } = problemOf(refusal, instance, errors)
  return reply.status(status).headers(headers).send(body)
}

/** A refusal as it goes over the wire. */
export function problemOf(
  refusal: Refusal,
  instance: string,
  errors?: readonly RuleBroken[],
): ProblemDocument {
  const { code, details } = refusal
  const entry: { status: number; sentence: string; retry?: string } = refusals[code]
  const { retryAfter, ...more } = details
  const seconds = entry.retry === 'later' ? Number(retryAfter ?? retryAfterSeconds) : undefined
  const document = {
    type: `urn:parley:problem:${code}`,
    title: titleOf(code),
    status: entry.status,
    detail: entry.sentence,
    instance: `urn:uuid:${instance}`,
    retry: entry.retry ?? 'never',
    ...(seconds === undefined ? {} : { retry_after: seconds }),
    ...(errors === undefined ? {} : { errors }),
    ...Object.fromEntries(Object.entries(more).filter(([name]) => !reserved.has(name))),
  }
  return {
    status: entry.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
      ...(entry.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body: JSON.stringify(document),
  }
}

/** What stays the same of a problem, whenever it occurs: its code in words. */
function titleOf(code: RefusalCode): string {
  return code[0]!.toUpperCase() + code.slice(1).replaceAll('-', ' ')
}
