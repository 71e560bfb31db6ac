import type { Hash, NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Statement } from '#schema/wire/statement.ts'
import { WellKnown } from '#schema/wire/well-known.ts'
import { readDocument, type Document, type DocumentKind } from './document.ts'
import { readBaseUrl, readDomain, type BaseUrl } from './domain.ts'
import { jwkOf, type Signer } from './keys.ts'
import { activeKeys, type OperationLog } from './operation-log.ts'
import { accept, refuse, type Outcome, type Refused } from './outcome.ts'
import { readStrictJson } from './strict-json.ts'
import { hashOfJws, signJws, verifyJws } from './strict-jws.ts'

// Discovery without its sockets: the well-known document, and the signed statement in it (D1 to D9). Fetching
// both places, comparing the bytes, and keeping what is pinned is the caller's.

export const statementKind: DocumentKind<typeof Statement> = {
  typ: 'parley-node+jws',
  shape: Statement,
  bytesMax: limits.statementBytesMax,
}

/** The well-known document, checked against the domain that was asked. `statement` is not verified yet. */
export type Discovered = {
  readonly node: NodeId
  readonly baseUrl: BaseUrl
  /** The JWS as it came; `{base_url}/v1/node` has to return the same bytes (D2). */
  readonly text: string
  readonly statement: Document<Statement>
}

/** What we hold of a node from earlier: never goes back (D7). */
export type PinnedStatement = { readonly ver: number; readonly hash: Hash }

export type StatementCheck = {
  readonly requested: NodeId
  readonly log: OperationLog
  readonly nowSeconds: number
  readonly pinned?: PinnedStatement
}

/** What a node states about itself, apart from what follows from its log. Times in seconds. */
export type StatementDraft = Pick<
  Statement,
  | 'ver'
  | 'base_url'
  | 'versions'
  | 'features'
  | 'inbound'
  | 'limits'
  | 'email_domains'
  | 'contact'
  | 'iat'
  | 'exp'
>

/** Signs the statement that fits the log: keys and head are taken from it. */
export function signStatement(draft: StatementDraft, log: OperationLog, signer: Signer): string {
  const keys = activeKeys(log).map(({ key, nbf }) => jwkOf(key, nbf))
  const head = { v: 1, iss: log.node, keys, op_seq: log.opSeq, op_hash: log.opHash } as const
  const statement = { ...head, ...draft } satisfies Statement
  return signJws(statementKind.typ, statement, signer)
}

/**
 * Reads the body of `https://{requested}/.well-known/parley`, whose size and content type the caller checked.
 *
 * Refuses with `json-strict`, `schema` (detail `node` or `base-url…`) or what the gate refuses with.
 */
export function readWellKnown(body: Uint8Array, requested: NodeId): Outcome<Discovered> {
  const json = readStrictJson(body)
  if (!json.ok) return refuse('json-strict', json.detail)
  const wrapper = WellKnown.safeParse(json.value)
  if (!wrapper.success) return refuse('schema', wrapper.error.issues[0]?.path.join('.') || 'well-known')
  const { node, base_url: url, statement: text } = wrapper.data
  if (node !== requested) return refuse('schema', 'node') // D1
  const baseUrl = readBaseUrl(url)
  if (!baseUrl.ok) return baseUrl // D3
  const statement = readDocument(text, statementKind)
  if (!statement.ok) return statement
  if (statement.value.payload.iss !== requested) return refuse('schema', 'iss') // D1
  if (statement.value.payload.base_url !== url) return refuse('schema', 'base_url') // D4
  return accept({ node, baseUrl: baseUrl.value, text, statement: statement.value })
}

/**
 * Verifies a statement against the node's operation log, whose continuity the caller has judged already.
 *
 * Refuses with `schema` (details `iss`, `base-url…`, `life`, `future`, `expired`, `op-head`, `keys`, `rollback`,
 * `versions`), `key-unknown`, or `signature-invalid`.
 */
export function verifyStatement(statement: Document<Statement>, check: StatementCheck): Outcome<Statement> {
  const { payload, jws } = statement
  if (payload.iss !== check.requested || check.log.node !== check.requested) return refuse('schema', 'iss') // D1
  const time = checkTimes(payload, check.nowSeconds)
  if (time) return time
  if (payload.op_seq !== check.log.opSeq || payload.op_hash !== check.log.opHash)
    return refuse('schema', 'op-head') // D6
  const active = activeKeys(check.log)
  const stated = payload.keys.map(({ kid, x, nbf }) => `${kid} ${x} ${nbf}`)
  const expected = active.map(({ key, nbf }) => `${key.kid} ${key.x} ${nbf}`)
  if (stated.toSorted().join() !== expected.toSorted().join()) return refuse('schema', 'keys') // D6
  const signer = active.find(({ key }) => key.kid === jws.header.kid)
  if (!signer) return refuse('key-unknown', 'statement')
  const verified = verifyJws(jws, signer.key)
  if (!verified.ok) return verified
  const { pinned } = check
  const isOlder =
    pinned && (payload.ver < pinned.ver || (payload.ver === pinned.ver && hashOfJws(jws) !== pinned.hash))
  if (isOlder) return refuse('schema', 'rollback') // D7
  for (const domain of payload.email_domains ?? []) {
    const checked = readDomain(domain)
    if (!checked.ok) return checked
  }
  return accept(payload)
}

function checkTimes({ iat, exp }: Statement, nowSeconds: number): Refused | undefined {
  if (exp <= iat || exp - iat > limits.statementLifeSeconds) return refuse('schema', 'life') // D5
  if (iat > nowSeconds + limits.clockAheadSeconds) return refuse('schema', 'future') // D5
  if (exp <= nowSeconds) return refuse('schema', 'expired') // D5
  return undefined
}
