import type { Endpoint } from '#schema/endpoint.ts'
import type { z } from 'zod'

// Requests to our own node, typed by the contracts. Only their types come along: method and address are written
// where they are used, and the compiler compares them with the contract.

type Part<E extends Endpoint, K extends 'params' | 'querystring' | 'body'> = E[K] extends z.ZodType
  ? Readonly<Record<K, z.input<E[K]>>>
  : unknown

export type RequestOf<E extends Endpoint> = { readonly method: E['method']; readonly url: E['url'] } & Part<
  E,
  'params'
> &
  Part<E, 'querystring'> &
  Part<E, 'body'> &
  (E extends { readonly idempotent: true } ? { readonly key: string } : unknown)

export type ReplyOf<E extends Endpoint> = z.output<E['reply']['schema']>

/** A no of the node, with the sentence that it gives for people; or no answer at all. */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: string
  /** Whether the same request can succeed later. */
  readonly isPassing: boolean

  constructor(code: string, sentence: string, isPassing: boolean) {
    super(sentence)
    this.code = code
    this.isPassing = isPassing
  }

  get isSignedOut(): boolean {
    return this.code === 'auth-required' || this.code === 'session-expired'
  }
}

type Parts = {
  readonly method: string
  readonly url: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly querystring?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly key?: string
}

export async function call<E extends Endpoint>(request: RequestOf<E>): Promise<ReplyOf<E>> {
  const { method, url, params = {}, querystring = {}, body, key } = request as Parts
  const path = url.replace(/:(\w+)/g, (_match, name: string) => encodeURIComponent(String(params[name])))
  const query = new URLSearchParams(
    Object.entries(querystring).map(([name, value]) => [name, String(value)]),
  ).toString()
  const response = await send(query === '' ? path : `${path}?${query}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw problemIn(response.status, text)
  return (text === '' ? null : JSON.parse(text)) as ReplyOf<E>
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store' })
  } catch {
    throw new Problem('unreachable', 'Your node does not answer. Is the connection there?', true)
  }
}

function problemIn(status: number, text: string): Problem {
  try {
    const { type, detail, retry } = JSON.parse(text) as { type: string; detail: string; retry: string }
    return new Problem(type.replace('urn:parley:problem:', ''), detail, retry !== 'never')
  } catch {
    return new Problem('unknown', `The node answered with status ${status}.`, status >= 500)
  }
}

/** A key under which a request is done once, however often it is sent. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
