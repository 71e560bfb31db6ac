import { readFileSync } from 'node:fs'
import type { NodeId, UserId } from '#schema/ids.ts'
import type { Identity } from '#schema/wire/identity.ts'
import type { Operation } from '#schema/wire/operation.ts'
import { jwkOf, keyPairFromSeed, type KeyPair, type Signer } from '#federation/keys.ts'
import { noPrevious, readOperationLog, signOperation, type OperationLog } from '#federation/operation-log.ts'
import type { Outcome } from '#federation/outcome.ts'
import { signIdentity } from '#federation/identity.ts'
import { readJws, hashOfJws } from '#federation/strict-jws.ts'

// Nodes, keys and documents that do not change from run to run.

export const acme = 'acme.example' as NodeId
export const globex = 'globex.example' as NodeId
export const nowSeconds = 1_764_000_000
export const bob = `u_${'b'.repeat(26)}@globex.example` as UserId

/** The key pair number n: its seed is n, thirty-two times. */
export function keyPair(n: number): KeyPair {
  return keyPairFromSeed(Buffer.alloc(32, n))
}

/** What a refusal says, as one text: `schema/iss`. `accepted` when it is none. */
export function verdict(outcome: Outcome<unknown>): string {
  if (outcome.ok) return 'accepted'
  return outcome.detail === undefined ? outcome.code : `${outcome.code}/${outcome.detail}`
}

/** The value of an outcome that the test takes for granted. */
export function take<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`Refused: ${verdict(outcome)}`)
  return outcome.value
}

/** A file of test/vectors/; what is in it is for the caller to say. */
export function readVectors(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/${path}`, import.meta.url), 'utf8'))
}

export const jwk = (n: number, nbf = 0) => jwkOf(keyPair(n).key, nbf)
export const kidOf = (n: number) => keyPair(n).key.kid

/** A genesis of globex: key 1 is active, key 101 is the recovery key. */
export function genesis(changes: Partial<Operation> = {}, signer: Signer = keyPair(1).signer): string {
  return signOperation({ ...genesisPayload, ...changes }, signer)
}

const genesisPayload: Operation = {
  v: 1,
  node: globex,
  seq: 1,
  prev: noPrevious,
  op: 'genesis',
  active: [jwk(1)],
  recovery: [kidOf(101)],
  at: nowSeconds - 1000,
}

/** An operation after those in `texts`, which fits unless `changes` say otherwise. */
export function nextOperation(texts: readonly string[], changes: Partial<Operation>, signer: Signer): string {
  const last = take(readJws(texts.at(-1)!, 'parley-op+jws', 4096))
  const prev = hashOfJws(last)
  const base = {
    v: 1,
    node: globex,
    seq: texts.length + 1,
    prev,
    op: 'rotate',
    at: nowSeconds - 500,
  } as const
  return signOperation({ ...base, ...changes }, signer)
}

export function globexLog(): OperationLog {
  return take(readOperationLog([genesis()], globex))
}

export function bobIdentity(
  changes: Record<string, unknown> = {},
  signer: Signer = keyPair(1).signer,
): string {
  const identity: Identity = {
    v: 1,
    iss: globex,
    iat: nowSeconds - 60,
    exp: nowSeconds + 86_400,
    sub: bob,
    ver: 3,
    kind: 'member',
    name: 'Bob',
    status: 'active',
  }
  return signIdentity({ ...identity, ...changes }, signer)
}
