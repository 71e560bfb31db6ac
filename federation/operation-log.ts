import { createHash } from 'node:crypto'
import type { Hash, NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Operation } from '#schema/wire/operation.ts'
import type { PublicJwk } from '#schema/wire/key.ts'
import { readDocument, type Document, type DocumentKind } from './document.ts'
import { importKey, type NodeKey, type Signer } from './keys.ts'
import { accept, refuse, type Outcome } from './outcome.ts'
import { hashOfJws, signJws, verifyJws } from './strict-jws.ts'

// A node's key history: operations chained by hash, of which the first commits to a recovery key that is kept
// off the server (K5 to K14). Who pins a log can tell a rotation from a new owner of the domain: a new owner
// can neither continue the chain nor reveal the recovery key.

export const operationKind: DocumentKind<typeof Operation> = {
  typ: 'parley-op+jws',
  shape: Operation,
  bytesMax: limits.operationBytesMax,
}

/** `prev` of a genesis: 32 zero bytes. */
export const noPrevious = 'A'.repeat(43) as Hash

/** A key in a node's history. `nbf` and `compromisedSince` in seconds; operations by their seq. */
export type LogKey = {
  readonly key: NodeKey
  readonly nbf: number
  readonly activeFromOp: number
  /** The operation that ended it; undefined while it is active. */
  readonly activeUntilOp?: number
  /** Set when a `recover` ended it: signatures made since then may be somebody else's. */
  readonly compromisedSince?: number
}

/** A verified key history. `operations` has one item per seq, which is what continuity is judged by. */
export type OperationLog = {
  readonly node: NodeId
  readonly genesisHash: Hash
  readonly opSeq: number
  readonly opHash: Hash
  readonly keys: readonly LogKey[]
  /** Thumbprints that a `recover` has to match. */
  readonly recovery: readonly Hash[]
  readonly retired: boolean
  /** Every `recover` in it, by its two times in seconds: since when keys were in doubt, and when it was made. */
  readonly recoveries: readonly { readonly since: number; readonly at: number }[]
  readonly operations: readonly { readonly hash: Hash; readonly op: Operation['op'] }[]
}

/** Signs one operation. The genesis has `seq` 1 and `prev` noPrevious. */
export function signOperation(operation: Operation, signer: Signer): string {
  return signJws(operationKind.typ, operation, signer)
}

/**
 * Reads and verifies a whole log, oldest first. At most 256 operations; each costs about 0.15 ms.
 *
 * Refuses with `too-large`, the gate's codes, `schema` (an operation that breaks a rule, named in the detail),
 * `key-unknown` (signed by a key that may not) or `signature-invalid`.
 */
export function readOperationLog(texts: readonly string[], node: NodeId): Outcome<OperationLog> {
  if (texts.length > limits.operationsPerLogMax) return refuse('too-large', 'operations') // K6
  let log: OperationLog | undefined
  for (const text of texts) {
    const operation = readDocument(text, operationKind)
    if (!operation.ok) return operation
    const next = append(log, operation.value, node)
    if (!next.ok) return next
    log = next.value
  }
  return log ? accept(log) : refuse('schema', 'operations-empty')
}

/** `recovered`: something in it is a `recover`, so that the keys it replaced have a `compromisedSince`. */
export type Continuity = 'same' | 'extended' | 'recovered' | 'stale'

/**
 * Whether a log continues the one that we pinned (K13). `stale` is a beginning of what we hold: to be ignored,
 * with an alarm. A `recover` cuts off rotations after its parent. Everything else is `key-conflict`, which
 * stops all traffic until an administrator decides: another genesis, a fork that is not a `recover`, or two of them.
 */
export function extendsLog(pinned: OperationLog, newer: OperationLog): Outcome<Continuity> {
  const common = Math.min(pinned.opSeq, newer.opSeq)
  let fork = 0
  while (fork < common && pinned.operations[fork]!.hash === newer.operations[fork]!.hash) fork++
  if (fork === 0) return refuse('key-conflict', 'genesis')
  if (fork === newer.opSeq) return accept(newer.opSeq === pinned.opSeq ? 'same' : 'stale')
  const added = newer.operations.slice(fork)
  if (fork === pinned.opSeq) return accept(added.some(isRecovery) ? 'recovered' : 'extended')
  if (!isRecovery(added[0]!)) return refuse('key-conflict', 'fork')
  const isRecovered = pinned.operations.slice(fork).some(isRecovery)
  return isRecovered ? refuse('key-conflict', 'two-recoveries') : accept('recovered')
}

function isRecovery({ op }: { readonly op: Operation['op'] }): boolean {
  return op === 'recover'
}

/** The keys that are active at the head, in the order of the log. */
export function activeKeys(log: OperationLog): readonly LogKey[] {
  return log.keys.filter((item) => item.activeUntilOp === undefined)
}

/**
 * The key for a signature that is made now. Refuses with `key-unknown` (never seen, or not yet in use, K11: look
 * again at the log) or `key-retired`.
 */
export function findSigningKey(log: OperationLog, kid: string, nowSeconds: number): Outcome<NodeKey> {
  const found = log.keys.find(({ key }) => key.kid === kid)
  if (!found) return refuse('key-unknown')
  if (found.activeUntilOp !== undefined) return refuse('key-retired')
  if (found.nbf > nowSeconds + limits.clockAheadSeconds) return refuse('key-unknown', 'nbf')
  return accept(found.key)
}

/**
 * A key for what was signed while it was active (A4). One that a `rotate` took away is as good as ever for that; one
 * that a `recover` replaced has a `compromisedSince`, which the caller has to weigh. Refuses with `key-unknown`.
 */
export function findPastKey(log: OperationLog, kid: string): Outcome<LogKey> {
  const found = log.keys.find(({ key }) => key.kid === kid)
  return found ? accept(found) : refuse('key-unknown')
}

/**
 * With which of the keys that it holds a node signs now: the newest of those whose `nbf` has come (K15). Undefined
 * when it holds none that is active.
 */
export function chooseSigningKey(
  log: OperationLog,
  held: readonly NodeKey[],
  nowSeconds: number,
): LogKey | undefined {
  const kids = new Set(held.map(({ kid }) => kid))
  const ours = activeKeys(log).filter(({ key }) => kids.has(key.kid))
  const begun = ours.filter(({ nbf }) => nbf <= nowSeconds)
  // A clock that was set back does not leave us without a key.
  return newest(begun) ?? ours[0]
}

/** The key that replaces the others, once everybody had the time to learn of it; undefined while there is nothing to end. */
export function findSuccessor(log: OperationLog, nowSeconds: number): LogKey | undefined {
  const active = activeKeys(log)
  const last = newest(active)
  const isDue = last !== undefined && last.nbf + limits.keyOverlapSeconds <= nowSeconds
  return isDue && active.length > 1 ? last : undefined
}

function newest(keys: readonly LogKey[]): LogKey | undefined {
  return keys.reduce<LogKey | undefined>(
    (last, item) => (last && last.nbf >= item.nbf ? last : item),
    undefined,
  )
}

/**
 * What two administrators compare by telephone: twelve groups of five digits (199 bits) out of SHA-512 over the
 * genesis hash. Digits are read alike in all languages, and need no word list (K14).
 */
export function fingerprint(genesisHash: Hash): string {
  const digest = createHash('sha512').update(`parley-fingerprint/1\n${genesisHash}`).digest()
  const groups = Array.from({ length: 12 }, (_, index) => digest.readUIntBE(index * 5, 5) % 100_000)
  return groups.map((group) => String(group).padStart(5, '0')).join(' ')
}

type Read = Document<Operation>

function append(log: OperationLog | undefined, operation: Read, node: NodeId): Outcome<OperationLog> {
  const { payload } = operation
  if (payload.node !== node) return refuse('schema', 'node') // K5
  if (payload.seq !== (log?.opSeq ?? 0) + 1) return refuse('schema', 'seq') // K6
  if (payload.prev !== (log?.opHash ?? noPrevious)) return refuse('schema', 'prev') // K6
  if ((payload.op === 'genesis') !== (log === undefined)) return refuse('schema', 'genesis') // K7
  if (log?.retired) return refuse('schema', 'after-retire') // K10
  const keys = importKeys(payload.active ?? [])
  if (!keys.ok) return keys
  if (!log) return readGenesis(operation, keys.value)
  if (payload.op === 'rotate') return readRotation(log, operation, keys.value)
  if (payload.op === 'recover') return readRecovery(log, operation, keys.value)
  if (payload.op === 'retire') return readRetirement(log, operation)
  return refuse('schema', 'op-not-supported') // K12
}

function readGenesis(operation: Read, keys: readonly LogKey[]): Outcome<OperationLog> {
  const { payload } = operation
  const first = keys[0]
  if (!first || !payload.recovery) return refuse('schema', 'genesis') // K7
  if (hasTwice(payload.recovery)) return refuse('schema', 'recovery-twice')
  // A recovery key that also signs on the server would be stolen together with the others.
  if (keys.some(({ key }) => payload.recovery!.includes(key.kid))) return refuse('schema', 'recovery-active')
  const signed = verifyJws(operation.jws, first.key)
  if (!signed.ok) return signed
  const hash = hashOfJws(operation.jws)
  return accept({
    node: payload.node,
    genesisHash: hash,
    opSeq: 1,
    opHash: hash,
    keys,
    recovery: payload.recovery,
    retired: false,
    recoveries: [],
    operations: [{ hash, op: 'genesis' }],
  })
}

function readRotation(log: OperationLog, operation: Read, keys: readonly LogKey[]): Outcome<OperationLog> {
  const signed = verifyByActive(log, operation)
  if (!signed.ok) return signed
  // New commitments would need the recovery key's signature too, which version 1 has no place for.
  if (operation.payload.recovery) return refuse('schema', 'recovery-change') // K8
  return withKeys(log, operation, keys)
}

function readRecovery(log: OperationLog, operation: Read, keys: readonly LogKey[]): Outcome<OperationLog> {
  const { base, compromised_since: compromisedSince, recovery, prev } = operation.payload
  if (base !== prev || compromisedSince === undefined || !recovery) return refuse('schema', 'recover') // K9
  if (hasTwice(recovery) || recovery.some((kid) => log.recovery.includes(kid)))
    return refuse('schema', 'recovery-twice')
  if (keys.some(({ key }) => recovery.includes(key.kid))) return refuse('schema', 'recovery-active')
  const signed = verifyByRecovery(log, operation)
  if (!signed.ok) return signed
  const active = new Set(activeKeys(log).map(({ key }) => key.kid))
  if (keys.some(({ key }) => active.has(key.kid))) return refuse('schema', 'recover-keeps-key') // K9
  const next = withKeys(log, operation, keys)
  if (!next.ok) return next
  const disputed = next.value.keys.map((item) =>
    active.has(item.key.kid) ? { ...item, compromisedSince } : item,
  )
  const recoveries = [...log.recoveries, { since: compromisedSince, at: operation.payload.at }]
  return accept({ ...next.value, keys: disputed, recovery, recoveries })
}

function readRetirement(log: OperationLog, operation: Read): Outcome<OperationLog> {
  if (operation.payload.active || operation.payload.recovery) return refuse('schema', 'retire')
  const signed = operation.payload.reveal ? verifyByRecovery(log, operation) : verifyByActive(log, operation)
  if (!signed.ok) return signed
  return accept({ ...withHead(log, operation), retired: true })
}

function verifyByActive(log: OperationLog, { jws }: Read): Outcome<unknown> {
  const signer = activeKeys(log).find(({ key }) => key.kid === jws.header.kid)
  return signer ? verifyJws(jws, signer.key) : refuse('key-unknown', 'operation') // K8
}

function verifyByRecovery(log: OperationLog, { jws, payload }: Read): Outcome<unknown> {
  if (!payload.reveal) return refuse('schema', 'reveal') // K9
  const key = importKey(payload.reveal)
  if (!key.ok) return key
  if (!log.recovery.includes(key.value.kid)) return refuse('key-unknown', 'recovery') // K9
  return verifyJws(jws, key.value)
}

// Keys that are no longer named end here, those not seen before begin here.
function withKeys(log: OperationLog, operation: Read, keys: readonly LogKey[]): Outcome<OperationLog> {
  if (keys.length === 0) return refuse('schema', 'active')
  const { seq } = operation.payload
  const named = new Set(keys.map(({ key }) => key.kid))
  const ended = log.keys.find((item) => item.activeUntilOp !== undefined && named.has(item.key.kid))
  if (ended) return refuse('schema', 'key-returned') // K8: a key that was taken away stays away
  const kept = log.keys.map((item) =>
    item.activeUntilOp === undefined && !named.has(item.key.kid) ? { ...item, activeUntilOp: seq } : item,
  )
  const known = new Set(log.keys.map(({ key }) => key.kid))
  const added = keys.filter(({ key }) => !known.has(key.kid)).map((item) => ({ ...item, activeFromOp: seq }))
  return accept({ ...withHead(log, operation), keys: [...kept, ...added] })
}

function withHead(log: OperationLog, { jws, payload }: Read): OperationLog {
  const hash = hashOfJws(jws)
  const operations = [...log.operations, { hash, op: payload.op }]
  return { ...log, opSeq: payload.seq, opHash: hash, operations }
}

function importKeys(jwks: readonly PublicJwk[]): Outcome<readonly LogKey[]> {
  const keys: LogKey[] = []
  for (const jwk of jwks) {
    const key = importKey(jwk)
    if (!key.ok) return key
    keys.push({ key: key.value, nbf: jwk.nbf, activeFromOp: 1 })
  }
  return hasTwice(keys.map(({ key }) => key.kid)) ? refuse('schema', 'key-twice') : accept(keys)
}

function hasTwice(values: readonly string[]): boolean {
  return new Set(values).size !== values.length
}
