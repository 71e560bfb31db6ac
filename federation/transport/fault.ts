import { errors } from 'undici'
import type { Reason } from '#schema/reason.ts'
import type { HttpFault } from './http.ts'

// Why no answer came, in the closed words of schema/reason.ts. What Node and undici throw is told apart by code,
// never by message: messages change, and may repeat what a peer sent.

/** Thrown and caught inside federation/transport/. */
export class Fault extends Error {
  override name = 'Fault'
  readonly reason: Reason
  readonly detail: string

  constructor(reason: Reason, detail: string) {
    super(`${reason}: ${detail}`)
    this.reason = reason
    this.detail = detail
  }
}

const reasons: Readonly<Record<string, Reason>> = {
  UND_ERR_CONNECT_TIMEOUT: 'timeout-connect',
  ETIMEDOUT: 'timeout-connect',
  UND_ERR_HEADERS_TIMEOUT: 'timeout-answer',
  UND_ERR_BODY_TIMEOUT: 'timeout-answer',
  UND_ERR_HEADERS_OVERFLOW: 'bad-answer',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'bad-answer',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'bad-answer',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
}

const tlsCode = /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|HOSTNAME_|INVALID_CA|INVALID_PURPOSE)/

/** `isLate`: the time for the whole exchange had run out. */
export function faultOf(error: unknown, isLate: boolean): HttpFault {
  if (isLate) return { reason: 'timeout-answer', detail: 'too-slow' }
  const cause = rootOf(error)
  if (cause instanceof Fault) return { reason: cause.reason, detail: cause.detail }
  const code = codeOf(cause)
  const known = reasons[code]
  if (known) return { reason: known, detail: code.toLowerCase() }
  if (tlsCode.test(code)) return { reason: 'tls', detail: code.toLowerCase() }
  if (cause instanceof errors.HTTPParserError) return { reason: 'bad-answer', detail: 'http-syntax' }
  // Refused, unreachable, reset, closed before the answer was complete.
  return { reason: 'connect', detail: code === '' ? 'failed' : code.toLowerCase() }
}

function rootOf(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0])
  return codeOf(error) === '' && error.cause !== undefined ? rootOf(error.cause) : error
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}
