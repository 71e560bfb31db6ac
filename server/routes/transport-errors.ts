import type { Context } from '#server/context.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import type { FastifyRequest } from 'fastify'
import { limits } from '#schema/limits.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import { problemOf } from './problem.ts'

// Requests that are refused for how they are sent, whatever they ask for.

/** Refuses what a proxy before us might have understood differently, and what is larger than anything needs. */
export function checkTransport(request: FastifyRequest): void {
  const { url = '', rawHeaders } = request.raw
  if (url.length > limits.urlBytesMax) throw new Refusal('url-too-long', { limit: limits.urlBytesMax })
  // An absolute target names a host of its own, beside the Host header.
  if (!url.startsWith('/')) throw new Refusal('bad-target')
  if (rawHeaders.length > 2 * limits.headersMax) {
    throw new Refusal('headers-too-large', { limit: limits.headersMax })
  }
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.length === 4 && rawHeaders[i]!.toLowerCase() === 'host') hosts++
  }
  if (hosts !== 1) throw new Refusal('bad-header', { field: 'host' })
}

const parserCodes: Readonly<Record<string, RefusalCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'too-large',
}

type Wire = { readonly writable: boolean; end(text: string): unknown; destroy(): unknown }

/** What Node's parser could not read. The framing is lost, so the connection ends with the answer. */
export function answerBrokenRequest(context: Context, error: { readonly code?: string }, socket: Wire): void {
  const isGone = error.code === 'ECONNRESET' || !socket.writable
  if (isGone) {
    socket.destroy()
    return
  }
  const code = parserCodes[error.code ?? ''] ?? 'bad-header'
  const instance = newUuid(context.clock, context.random)
  context.logger.debug({ instance, code, cause: error.code }, 'A request could not be read.')
  const { status, headers, body } = problemOf(new Refusal(code), instance)
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
