import { parleyJson } from '#federation/request-signature.ts'
import { pauseOf, readRetryAfter } from '#federation/retry-after.ts'
import { readStrictJson } from '#federation/strict-json.ts'
import type { HttpAnswer } from '#federation/transport/http.ts'
import type { ReplyOf, WireEndpoint } from '#schema/wire/endpoint.ts'
import { Problem } from '#schema/wire/problem.ts'
import { failed, headerOf, type PeerAnswer } from './outgoing.ts'

// Replies are not signed: what they say is believed as far as TLS goes, and what matters in them is a signed
// document of its own (S13). Only the exact content types count, or an uploaded file could pass for an answer.

/** Reads what was answered to a request of ours; `now` is when it came. */
export function readAnswer<C extends WireEndpoint>(
  contract: C,
  answer: HttpAnswer,
  now: number,
): PeerAnswer<ReplyOf<C>> {
  const { status, body } = answer
  const type = headerOf(answer, 'content-type')
  const pauseMs = readRetryAfter(headerOf(answer, 'retry-after'), now)
  if (status >= 400 && type === 'application/problem+json') return readProblem(answer, pauseMs)
  if (status >= 400)
    return withPause(failed(status === 429 ? 'rate-limited' : 'http-status', `status-${status}`), pauseMs)
  if (status >= 300 && status < 400) return failed('http-status', `redirect-${status}`)
  if (status !== contract.reply.status) return failed('bad-answer', `status-${status}`)
  if (type !== parleyJson) return failed('bad-answer', 'content-type')
  const json = readStrictJson(body)
  if (!json.ok) return failed('bad-answer', `json-${json.detail}`)
  const value = contract.reply.schema.safeParse(json.value)
  if (!value.success) return failed('bad-answer', `shape-${value.error.issues[0]?.path.join('.') ?? ''}`)
  return { ok: true, value: value.data as ReplyOf<C> }
}

function withPause(
  { ok, failed: failure }: ReturnType<typeof failed>,
  pauseMs: number | undefined,
): PeerAnswer<never> {
  return { ok, failed: { ...failure, ...(pauseMs === undefined ? {} : { pauseMs }) } }
}

function readProblem({ status, body }: HttpAnswer, headerMs: number | undefined): PeerAnswer<never> {
  const json = readStrictJson(body)
  const problem = json.ok ? Problem.safeParse(json.value) : undefined
  if (!problem?.success || problem.data.status !== status)
    return withPause(failed('bad-answer', 'problem'), headerMs)
  const { type, retry, retry_after: retryAfter, detail, now, receipt, instance } = problem.data
  const code = type.slice('urn:parley:problem:'.length)
  const pauseMs = retryAfter === undefined ? headerMs : pauseOf(retryAfter)
  const theirs = instance === undefined ? {} : { instance: instance.slice('urn:uuid:'.length) }
  // Something broke over there; that is no answer to what was asked.
  if (status >= 500 && retry === 'never') {
    const { ok, failed: failure } = failed('http-status', `status-${status}`, code)
    return { ok, failed: { ...failure, ...theirs } }
  }
  return {
    ok: false,
    refused: {
      code,
      retry,
      ...theirs,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(pauseMs === undefined ? {} : { pauseMs }),
      ...(detail === undefined ? {} : { detail }),
      ...(now === undefined ? {} : { now }),
      ...(receipt === undefined ? {} : { receipt }),
    },
  }
}
