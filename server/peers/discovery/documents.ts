import { readDomain } from '#federation/domain.ts'
import {
  type Continuity,
  extendsLog,
  type OperationLog,
  readOperationLog,
} from '#federation/operation-log.ts'
import { accept, type Outcome, refuse } from '#federation/outcome.ts'
import { parleyJson } from '#federation/request-signature.ts'
import { type Discovered, readWellKnown, verifyStatement } from '#federation/statement.ts'
import { readStrictJson } from '#federation/strict-json.ts'
import { hashOfJws, readJws } from '#federation/strict-jws.ts'
import type { Hash, NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { getNode, listOperations } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import type { OperationText } from '#server/db/node-ops.ts'
import { fetchDocument } from './fetch.ts'
import { failed, type PeerAnswer } from '../exchange/outgoing.ts'

// The documents of a node, fetched from both places and judged against what we hold (D1 to D8). Nothing is stored
// here, and nothing is believed that is not signed by the node's own key history.

/** What we hold of the node already. */
export type Pinned = { readonly log: OperationLog; readonly version: number; readonly statement: Hash }

/** Documents that passed. `operations` is undefined when the key history is the one we hold. */
export type Documents = {
  readonly discovered: Discovered
  readonly log: OperationLog
  readonly operations: readonly OperationText[] | undefined
  /** What is older than what we hold does not pass. */
  readonly continuity: Exclude<Continuity, 'stale'> | 'first'
}

type Checked = Pick<Documents, 'log' | 'continuity'>

export async function fetchDocuments(
  context: Context,
  node: NodeId,
  pinned: Pinned | undefined,
): Promise<PeerAnswer<Documents>> {
  const wellKnown = await fetchDocument(context, {
    node,
    authority: node,
    target: '/.well-known/parley',
    route: '/.well-known/parley',
    contentType: 'application/json',
    bytesMax: limits.wellKnownBytesMax,
    read: (body) => readWellKnown(body, node),
  })
  if (!wellKnown.ok) return wellKnown
  const discovered = wellKnown.value
  const isKnownLog = discovered.statement.payload.op_hash === pinned?.log.opHash
  const nowSeconds = Math.floor(context.clock.now() / 1000)
  const check = (log: OperationLog) => judge(discovered, log, { pinned, nowSeconds })
  const agreed = await fetchDocument(context, {
    node,
    authority: discovered.baseUrl.authority,
    target: discovered.baseUrl.path + getNode.url,
    route: getNode.url,
    contentType: parleyJson,
    bytesMax: limits.wellKnownBytesMax,
    read: (body) => readAgreement(body, discovered, isKnownLog ? () => check(pinned.log) : undefined),
  })
  if (!agreed.ok) return agreed
  if (isKnownLog)
    return { ok: true, value: { discovered, log: pinned.log, operations: undefined, continuity: 'same' } }
  return await fetchLog(context, discovered, check)
}

/** Without it any domain could name a victim's host as its base_url, and our requests would land there (D2). */
function readAgreement(
  body: Uint8Array,
  discovered: Discovered,
  check: (() => Outcome<Checked>) | undefined,
): Outcome<unknown> {
  const there = readWellKnown(body, discovered.node)
  if (!there.ok) return there
  if (there.value.text !== discovered.text) return refuse('schema', 'reciprocity')
  return check ? check() : there
}

async function fetchLog(
  context: Context,
  discovered: Discovered,
  check: (log: OperationLog) => Outcome<Checked>,
): Promise<PeerAnswer<Documents>> {
  const { node, baseUrl } = discovered
  const texts: string[] = []
  for (;;) {
    const page = await fetchDocument(context, {
      node,
      authority: baseUrl.authority,
      target: `${baseUrl.path}${listOperations.url}?after=${texts.length}`,
      route: listOperations.url,
      contentType: parleyJson,
      bytesMax: limits.operationsPerPageMax * (limits.operationBytesMax + 3) + 64,
      read: (body) => readPage(body, texts, node, check),
    })
    if (!page.ok) return page
    if (!page.value) continue
    const operations = texts.map((jws) => ({ hash: hashOf(jws), jws }))
    return { ok: true, value: { discovered, ...page.value, operations } }
  }
}

/** Adds a page to `texts`; undefined while there are more. The log is judged with its last page, where the row says why not. */
function readPage(
  body: Uint8Array,
  texts: string[],
  node: NodeId,
  check: (log: OperationLog) => Outcome<Checked>,
): Outcome<Checked | undefined> {
  const json = readStrictJson(body)
  if (!json.ok) return refuse('json-strict', json.detail)
  const page = listOperations.reply.schema.safeParse(json.value)
  if (!page.success) return refuse('schema', 'operations')
  texts.push(...page.data.operations)
  const isFull = page.data.operations.length === limits.operationsPerPageMax
  if (isFull && texts.length <= limits.operationsPerLogMax) return accept(undefined)
  const log = readOperationLog(texts, node)
  return log.ok ? check(log.value) : log
}

type Known = { readonly pinned: Pinned | undefined; readonly nowSeconds: number }

function judge(discovered: Discovered, log: OperationLog, { pinned, nowSeconds }: Known): Outcome<Checked> {
  // Continuity first: a statement that does not fit says little, a history that does not continue says everything.
  const continuity = pinned ? extendsLog(pinned.log, log) : accept('first' as const)
  if (!continuity.ok) return continuity
  if (continuity.value === 'stale') return refuse('schema', 'stale-log')
  const statement = verifyStatement(discovered.statement, {
    requested: discovered.node,
    log,
    nowSeconds,
    // Versions of a stolen key mean nothing: after a recovery they count anew.
    ...(pinned && continuity.value !== 'recovered'
      ? { pinned: { ver: pinned.version, hash: pinned.statement } }
      : {}),
  })
  return statement.ok ? accept({ log, continuity: continuity.value }) : statement
}

function hashOf(jws: string): Hash {
  const read = readJws(jws, 'parley-op+jws', limits.operationBytesMax)
  if (!read.ok) throw new Error('An operation that was verified cannot be read again.')
  return hashOfJws(read.value)
}

/** What is wrong with a name before any of its servers is asked; DNS is not asked about addresses (D1 of the catalogue). */
export function refuseName(context: Context, node: NodeId): ReturnType<typeof failed> | undefined {
  if (node === context.node) return failed('policy-hold', 'own-node', 'invalid-address')
  const name = readDomain(node)
  return name.ok ? undefined : failed('bad-answer', name.detail ?? 'domain', 'invalid-address')
}
