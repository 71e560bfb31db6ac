import t from 'tap'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { isStateType } from '#schema/event/types.ts'
import type { WireEvent } from '#schema/wire/event.ts'
import { buildEntry, noHash, readEntry } from '#federation/chain.ts'
import { type DocumentKind, readDocument } from '#federation/document.ts'
import { hashHeader, readEvent } from '#federation/event.ts'
import { inviteResponseKind } from '#federation/invite.ts'
import { keyPairFromSeed } from '#federation/keys.ts'
import {
  checkpointKind,
  proofKind,
  receiptKind,
  signCheckpoint,
  signProof,
  signReceipt,
} from '#federation/log-documents.ts'
import { neverNamed } from '#federation/positions.ts'
import { type Evidence, receive, type Replica } from '#federation/replica.ts'
import { verifyJws } from '#federation/strict-jws.ts'
import { readVectors, take } from './fixtures.ts'

// The vectors are frozen: scripts/make-log-vectors.ts wrote them once, and what fails here is another protocol.

type Party = { readonly node: NodeId; readonly seed: string; readonly kid: Hash }
type Vectors = {
  readonly host: Party
  readonly home: Party
  readonly space: SpaceId
  readonly entries: readonly {
    readonly entry: string
    readonly event: WireEvent
    readonly eventHash: Hash
    readonly hash: Hash
    readonly state?: Hash
  }[]
  readonly proof: string
  readonly checkpoint: string
  readonly receipt: string
}

const vectors = readVectors('parley/log.json') as Vectors
const host = keyPairFromSeed(Buffer.from(vectors.host.seed, 'hex'))
const home = keyPairFromSeed(Buffer.from(vectors.home.seed, 'hex'))

function verified<S extends Parameters<typeof readDocument>[1]['shape']>(
  text: string,
  kind: DocumentKind<S>,
  key: typeof host.key,
) {
  const document = take(readDocument(text, kind))
  take(verifyJws(document.jws, key))
  return document.payload
}

t.test('SEQ-14 [E1, L1] twenty entries have these hashes, from these bytes', async (t) => {
  t.equal(vectors.entries.length, 20)
  t.equal(host.key.kid, vectors.host.kid)
  t.equal(home.key.kid, vectors.home.kid)
  let previous = noHash
  for (const { entry: text, event, eventHash, hash } of vectors.entries) {
    const entry = take(readEntry(text))
    t.equal(entry.hash, hash)
    t.equal(hashHeader(event.header), eventHash)
    t.equal(entry.body.event, eventHash)
    t.equal(entry.body.prev, previous)
    t.equal(buildEntry(entry.body).text, text, 'written again it is the same')
    take(readEvent(event))
    previous = hash
  }
  t.equal(`s_${vectors.entries[0]!.eventHash}`, vectors.space)
})

t.test('SEQ-14 [E11, L5, L6] proof, checkpoint and receipt are these bytes', async (t) => {
  const proof = verified(vectors.proof, proofKind, home.key)
  const checkpoint = verified(vectors.checkpoint, checkpointKind, host.key)
  const receipt = verified(vectors.receipt, receiptKind, home.key)
  t.equal(signProof(proof, home.signer), vectors.proof)
  t.equal(signCheckpoint(checkpoint, host.signer), vectors.checkpoint)
  t.equal(signReceipt(receipt, home.signer), vectors.receipt)
  t.match(checkpoint, { seq: 20, hash: vectors.entries[19]!.hash })
  t.match(receipt, { seq: 20, hash: vectors.entries[19]!.hash, kept: { seq: 12 } })
})

t.test('SEQ-14 [T3, T4, R8, R9] a follower comes to the same states, and believes every entry', async (t) => {
  const { events } = verified(vectors.proof, proofKind, home.key)
  const evidence: Evidence = {
    proves: (event, origin, kid) =>
      origin === vectors.home.node && kid === vectors.home.kid && events.includes(event),
    isDisputed: () => false,
    wasCutOff: () => false,
    response: (text) => verified(text, inviteResponseKind, home.key),
    knownHash: () => undefined,
    audience: () => () => 'attested',
    isPlaced: () => false,
    isUsed: () => false,
    lastNamed: () => neverNamed,
  }
  const { space } = vectors
  const empty: Replica = {
    space,
    host: vectors.host.node,
    head: { epoch: 1, seq: 0, hash: noHash },
    state: undefined,
  }
  const entries = vectors.entries.map(({ entry, event }) => ({ entry: take(readEntry(entry)), wire: event }))
  const checkpoint = verified(vectors.checkpoint, checkpointKind, host.key)
  const verdict = receive(empty, { entries, checkpoint }, evidence)
  if (verdict.do !== 'apply') throw new Error(JSON.stringify(verdict))
  let state: Hash | undefined
  for (const [i, { entry, event, digest, standing }] of verdict.judged.entries()) {
    const vector = vectors.entries[i]!
    state = vector.state ?? state
    t.equal(standing, 'verified', `entry ${entry.body.seq}`)
    t.equal(digest, state, `state after entry ${entry.body.seq}`)
    t.equal(vector.state !== undefined, isStateType(event.header.type))
  }
  t.equal(checkpoint.state, state)
})
