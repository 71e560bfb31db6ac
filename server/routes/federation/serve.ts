import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { readBaseUrl } from '#federation/domain.ts'
import { matchesDigest, parleyJson } from '#federation/request-signature.ts'
import { readStrictJson } from '#federation/strict-json.ts'
import type { Target } from '#federation/target.ts'
import { limits } from '#schema/limits.ts'
import type { Given, ReplyOf, WireEndpoint } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import { rejectedIn } from '#server/peers/exchange/rejected.ts'
import { Refusal } from '#server/refusal.ts'
import type { App } from '../serve.ts'
import { exchangeOf, settle } from './exchange.ts'
import { admit, type Admitted, type Peer, take } from './gate.ts'

// One way to serve a contract of the federation API: gate, digest, strict JSON, shape, handler, checked reply. A
// handler is told who is speaking and returns a value or throws a Refusal; it never sees headers or bytes.

export type FromPeer<C extends WireEndpoint> = {
  /** Undefined on public documents only. */
  readonly peer: C['policy'] extends 'anyone' ? undefined : Peer
  readonly params: Given<C, 'params'>
  readonly query: Given<C, 'querystring'>
  readonly body: Given<C, 'body'>
}

export function servePeer<C extends WireEndpoint>(
  app: App,
  context: Context,
  contract: C,
  handle: (from: FromPeer<C>) => Promise<z.input<C['reply']['schema']> | ReplyOf<C>>,
): void {
  const base = readBaseUrl(context.config.baseUrl)
  if (!base.ok) throw new Error('PARLEY_BASE_URL is not an address that peers accept.')
  const gate = { contract, authority: base.value.authority }
  const admitted = new WeakMap<FastifyRequest, Admitted>()
  app.route({
    method: contract.method,
    url: localUrl(base.value.path, contract),
    exposeHeadRoute: false,
    config: { wire: contract },
    bodyLimit: contract.bodyBytesMax ?? limits.apiBodyBytesMax,
    onRequest: async (request, reply) => {
      admitted.set(request, await admit(context, request, reply, gate))
      // They hung up while we looked them up: no body will come, and nobody waits for an answer.
      if (request.raw.readableAborted) throw new Refusal('bad-header', { detail: 'body-cut-off' })
    },
    handler: async (request, reply) => {
      const from = read(context, request, { contract, admitted: admitted.get(request)! })
      const value = await handle(from as FromPeer<C>)
      return await sendReply(context, request, reply, { contract, value })
    },
  })
}

/** The prefix under which the federation API hangs. A contract's address is completed below it. */
export function prefixOf(path: string): string {
  return path === '' ? '/v1' : path
}

function localUrl(path: string, { url }: WireEndpoint): string {
  return path === '' ? url.slice('/v1'.length) : url
}

type Accepted = { readonly contract: WireEndpoint; readonly admitted: Admitted }

function read(context: Context, request: FastifyRequest, { contract, admitted }: Accepted) {
  const exchange = exchangeOf(context, request)
  const params = parse(contract.params, request.params, 'params')
  const { space } = (params ?? {}) as { space?: unknown }
  if (typeof space === 'string') exchange.space = space
  const query = parse(contract.querystring, queryOf(admitted.target), 'query')
  if (!admitted.signature || admitted.signature.method === 'GET') {
    return { peer: admitted.peer, params, query, body: undefined }
  }
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  exchange.bytesIn = bytes.length
  // The digest was signed, the body was not: until they agree nobody has said what is in it.
  take(matchesDigest(admitted.signature, bytes))
  const json = readStrictJson(bytes)
  if (!json.ok) throw new Refusal('json-strict', { detail: json.detail, offset: json.at })
  return { peer: admitted.peer, params, query, body: parse(contract.body, json.value, 'body') }
}

function parse(schema: z.ZodType | undefined, value: unknown, part: string): unknown {
  if (!schema) return undefined
  const read = schema.safeParse(value)
  if (read.success) return read.data
  // Paths in a body can hold names that the peer chose.
  const path = (read.error.issues[0]?.path ?? []).map((name) => String(name).slice(0, 40)).join('.')
  throw new Refusal('schema', { detail: path === '' ? part : `${part}.${path}`.slice(0, 120) })
}

// The grammar of targets leaves nothing to decode.
function queryOf({ query }: Target): Record<string, string> {
  if (query === '?') return {}
  return Object.fromEntries(
    query
      .slice(1)
      .split('&')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
}

type Replying = { readonly contract: WireEndpoint; readonly value: unknown }

function sendReply(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  { contract, value }: Replying,
): FastifyReply {
  const { status, schema } = contract.reply
  // What the contract does not name does not leave.
  const checked = schema.safeParse(value)
  if (!checked.success)
    throw new Error(`The reply of ${contract.url} breaks its contract.`, { cause: checked.error })
  // Bytes, because the framework adds a charset to strings, and the content type is exact.
  const body = Buffer.from(JSON.stringify(checked.data))
  const outcome = { status, verdict: 'accepted', ...rejectedIn(checked.data) } as const
  settle(context, request, { ...outcome, bytesOut: body.length })
  return reply.status(status).header('content-type', parleyJson).send(body)
}
