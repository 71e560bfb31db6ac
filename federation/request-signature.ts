import { createHash } from 'node:crypto'
import type { Hash, NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { readDomain } from './domain.ts'
import { verifyBytes, type NodeKey, type Signer } from './keys.ts'
import { accept, refuse, type Outcome, type Refused } from './outcome.ts'
import type { Target } from './target.ts'

// Signed requests between nodes: one exact shape out of RFC 9421 with RFC 9530 (S1 to S14 of SPEC.md). There
// is no parser for structured fields here, only the one text that our own signer writes. The stages stand
// apart because a route runs them between others: readSignature on the raw head, then policy and key lookup,
// then verifySignature, then the nonce store, then matchesDigest on the body.

export const parleyJson = 'application/parley+json'

const tag = 'parley-1'
const label = 'parley'

export type Method = 'GET' | 'POST' | 'PUT'

/** What is signed. `authority` is the host of the destination's base_url, `nonce` 16 random bytes in base64url. */
export type RequestToSign = Target & {
  readonly method: Method
  readonly authority: NodeId
  readonly origin: NodeId
  readonly destination: NodeId
  /** Absent with GET, and only then. */
  readonly body?: Uint8Array
  readonly nonce: string
  readonly nowSeconds: number
}

/** A signature as it was read from a request's head. Nothing in it is proven before verifySignature. */
export type RequestSignature = Target & {
  readonly method: Method
  readonly origin: NodeId
  readonly destination: NodeId
  readonly keyid: Hash
  readonly created: number
  readonly expires: number
  readonly nonce: string
  /** The header's value; undefined on a request without a body. */
  readonly contentDigest: string | undefined
  readonly signature: Uint8Array
}

/** What the node knows when it verifies. `authority` is its own, from its configuration and never from Host (S4). */
export type Verifier = {
  readonly authority: NodeId
  readonly destination: NodeId
  readonly nowSeconds: number
  readonly key: NodeKey
}

/** The headers of a signed request, lower-case names. Throws when a GET has a body or another method has none. */
export function signRequest(request: RequestToSign, signer: Signer): Record<string, string> {
  const { origin, destination, body, nonce, nowSeconds } = request
  if ((request.method === 'GET') !== (body === undefined))
    throw new Error('A body goes with POST and PUT only.')
  const digest = body && contentDigest(body)
  const expires = nowSeconds + limits.signatureLifeSeconds
  const times = { created: nowSeconds, expires, nonce, keyid: signer.kid }
  const base = baseOf({ ...request, ...times, contentDigest: digest }, request.authority)
  const signature = Buffer.from(signer.sign(Buffer.from(base, 'latin1'))).toString('base64')
  return {
    'parley-origin': origin,
    'parley-destination': destination,
    ...(digest === undefined ? {} : { 'content-type': parleyJson, 'content-digest': digest }),
    'signature-input': `${label}=${digest === undefined ? getList : bodyList}${paramsText(times)}`,
    signature: `${label}=:${signature}:`,
  }
}

/**
 * Reads the head of a request. `rawHeaders` are names and values in turn, as node:http gives them.
 *
 * Refuses with `bad-header` (something repeated, or a body where there is none), `encoding-not-allowed`,
 * `signature-missing`, or `signature-profile` for everything that is not the one shape.
 */
export function readSignature(
  rawHeaders: readonly string[],
  method: string,
  target: Target,
): Outcome<RequestSignature> {
  const headers = collect(rawHeaders)
  if (!headers.ok) return headers
  const get = (name: string): string | undefined => headers.value.get(name)
  const input = get('signature-input')
  const value = get('signature')
  if (input === undefined && value === undefined) return refuse('signature-missing')
  if (method !== 'GET' && method !== 'POST' && method !== 'PUT') return refuse('signature-profile', 'method')
  const body = checkBody(headers.value, method)
  if (body) return body
  if (input === undefined || value === undefined) return refuse('signature-profile', 'half') // S1
  const params = readParams(input, method !== 'GET')
  const signature = signatureForm.exec(value)
  if (!params || !signature) return refuse('signature-profile', params ? 'signature' : 'signature-input') // S1
  const origin = readDomain(get('parley-origin') ?? '')
  const destination = readDomain(get('parley-destination') ?? '')
  if (!origin.ok || !destination.ok)
    return refuse('bad-header', origin.ok ? 'parley-destination' : 'parley-origin')
  return accept({
    ...params,
    method,
    path: target.path,
    query: target.query,
    origin: origin.value,
    destination: destination.value,
    contentDigest: get('content-digest'),
    signature: Buffer.from(signature[1]!, 'base64'),
  })
}

/**
 * Destination, clock, key, signature, in this order (S5, S6, S8). Refuses with `wrong-destination`, `clock-skew`,
 * `key-unknown` or `signature-invalid`. That the key is the origin's is for the caller, who looked it up there.
 */
export function verifySignature(request: RequestSignature, verifier: Verifier): Outcome<RequestSignature> {
  if (request.destination !== verifier.destination) return refuse('wrong-destination') // S5
  const late = clockFault(request, verifier.nowSeconds)
  if (late) return refuse('clock-skew', late) // S6
  if (request.keyid !== verifier.key.kid) return refuse('key-unknown')
  const base = Buffer.from(baseOf(request, verifier.authority), 'latin1')
  if (!verifyBytes(verifier.key, base, request.signature)) return refuse('signature-invalid')
  return accept(request)
}

/** Whether the body is the one whose digest was signed (S9). Refuses with `digest-mismatch`. */
export function matchesDigest(request: RequestSignature, body: Uint8Array): Outcome<Uint8Array> {
  return contentDigest(body) === request.contentDigest ? accept(body) : refuse('digest-mismatch')
}

/** RFC 9530: the value of Content-Digest, sha-256 only. */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

/**
 * The signature base of RFC 9421 §2.5 for any components, which are taken as they are. `params` is the text
 * behind the list of components, from its first semicolon.
 */
export function signatureBase(
  components: readonly (readonly [name: string, value: string])[],
  params: string,
): string {
  const lines = components.map(([name, value]) => `"${name}": ${value}\n`)
  const names = components.map(([name]) => `"${name}"`)
  return `${lines.join('')}"@signature-params": (${names.join(' ')})${params}`
}

type Signed = Target & {
  readonly method: Method
  readonly origin: NodeId
  readonly destination: NodeId
  readonly contentDigest?: string | undefined
} & Times

type Times = {
  readonly created: number
  readonly expires: number
  readonly nonce: string
  readonly keyid: Hash
}

const withoutBody = [
  '@method',
  '@authority',
  '@path',
  '@query',
  'parley-origin',
  'parley-destination',
] as const
const withBody = [...withoutBody, 'content-type', 'content-digest'] as const

function baseOf(request: Signed, authority: NodeId): string {
  const { method, path, query, origin, destination } = request
  const values = [method, authority, path, query, origin, destination]
  if (request.contentDigest !== undefined) values.push(parleyJson, request.contentDigest)
  const components = values.map((value, index) => [withBody[index]!, value] as const)
  return signatureBase(components, paramsText(request))
}

function paramsText({ created, expires, nonce, keyid }: Times): string {
  return `;created=${created};expires=${expires};nonce="${nonce}";keyid="${keyid}";tag="${tag}"`
}

const listText = (names: readonly string[]): string => `(${names.map((name) => `"${name}"`).join(' ')})`
const getList = listText(withoutBody)
const bodyList = listText(withBody)

const integer = '(0|[1-9][0-9]{0,11})'
const paramsForm = new RegExp(
  `^;created=${integer};expires=${integer};nonce="([A-Za-z0-9_-]{21}[AQgw])";keyid="([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])";tag="${tag}"$`,
)
const signatureForm = new RegExp(`^${label}=:([A-Za-z0-9+/]{85}[AQgw]==):$`)
const digestForm = /^sha-256=:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=:$/

function readParams(input: string, hasBody: boolean): Times | undefined {
  const list = `${label}=${hasBody ? bodyList : getList}`
  const params = input.startsWith(list) ? paramsForm.exec(input.slice(list.length)) : null
  if (!params) return undefined
  return {
    created: Number(params[1]),
    expires: Number(params[2]),
    nonce: params[3]!,
    keyid: params[4] as Hash,
  }
}

function clockFault({ created, expires }: Times, now: number): string | undefined {
  if (created < now - limits.clockBehindSeconds) return 'created-past'
  if (created > now + limits.clockAheadSeconds) return 'created-future'
  if (expires <= created || expires - created > limits.signatureLifeSeconds) return 'life'
  // A sender's clock may be as far behind for `expires` as ours may be ahead.
  if (expires + limits.clockAheadSeconds < now) return 'expired'
  return undefined
}

// A second copy of any of these would leave open which one counts: frameworks take the first, the last or both.
const once = new Set([
  'signature',
  'signature-input',
  'content-digest',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'host',
  'parley-origin',
  'parley-destination',
  'parley-version',
  'authorization',
  'range',
])

function collect(rawHeaders: readonly string[]): Outcome<ReadonlyMap<string, string>> {
  const headers = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    if (!once.has(name)) continue
    if (headers.has(name)) return refuse('bad-header', `${name}-twice`) // S3
    headers.set(name, rawHeaders[index + 1]!)
  }
  return accept(headers)
}

function checkBody(headers: ReadonlyMap<string, string>, method: Method): Refused | undefined {
  const length = headers.get('content-length')
  const chunked = headers.has('transfer-encoding')
  if (length !== undefined && chunked) return refuse('bad-header', 'two-lengths') // S3
  if (headers.has('content-encoding')) return refuse('encoding-not-allowed', 'content-encoding') // S10
  if (method === 'GET') {
    const empty = !chunked && (length === undefined || length === '0')
    if (!empty || headers.has('content-type') || headers.has('content-digest'))
      return refuse('bad-header', 'body') // S7
    return undefined
  }
  if (headers.get('content-type') !== parleyJson) return refuse('encoding-not-allowed', 'content-type') // S10
  if (!digestForm.test(headers.get('content-digest') ?? '')) return refuse('bad-header', 'content-digest') // S7
  return undefined
}
