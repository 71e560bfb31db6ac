import { writeFileSync } from 'node:fs'
import type { ContentOf, EventType } from '#schema/event/types.ts'
import { isStateType } from '#schema/event/types.ts'
import {
  nodeOf,
  nodeSender,
  type EventId,
  type InviteId,
  type NodeId,
  type NodeSender,
  type SpaceId,
  type UserId,
} from '#schema/ids.ts'
import type { LogPosition } from '#schema/wire/event.ts'
import { buildEntry, type Head, noHash } from '#federation/chain.ts'
import { buildEvent } from '#federation/event.ts'
import { signInviteResponse } from '#federation/invite.ts'
import { fold, judge } from '#federation/judge.ts'
import { keyPairFromSeed } from '#federation/keys.ts'
import { signCheckpoint, signProof, signReceipt } from '#federation/log-documents.ts'
import { addressedBy } from '#federation/positions.ts'
import { type Audience, standingOf } from '#federation/reach.ts'
import { digestState, type SpaceState } from '#federation/state.ts'

// Writes test/vectors/parley/log.json: a log of twenty entries with everything that follows from it, for other
// implementations to compare with, byte by byte. Run once; a difference afterwards is another protocol.
//
// node scripts/make-log-vectors.ts

const acme = 'acme.example' as NodeId
const globex = 'globex.example' as NodeId
const [host, home] = [keyPairFromSeed(Buffer.alloc(32, 3)), keyPairFromSeed(Buffer.alloc(32, 1))]
const person = (letter: string, node: NodeId): UserId => `u_${letter.repeat(26)}@${node}` as UserId
const [alice, anna, adam, bob, bea] = [
  person('a', acme),
  person('n', acme),
  person('d', acme),
  person('b', globex),
  person('e', globex),
]
const begunAt = 1_764_000_000_000
const at = (seq: number): number => begunAt + seq * 1000
const jti = (n: number): InviteId => Buffer.alloc(16, n).toString('base64url') as InviteId
const groups = [1, 2].map((n) => `s_${Buffer.alloc(32, n).toString('base64url')}` as SpaceId)
const anchorSeqs = new Map(groups.map((group, n) => [group, 10 * (n + 1)]))
const position = (space: SpaceId, seq: number): LogPosition => ({
  space,
  epoch: 1,
  seq,
  hash: Buffer.alloc(32, seq).toString('base64url') as LogPosition['hash'],
})

let space: SpaceId | null = null
let head: Head = { epoch: 1, seq: 0, hash: noHash }
let state: SpaceState | undefined
const placed: unknown[] = []
const proved: { hash: ReturnType<typeof buildEvent>['hash'] }[] = []
const heads: Head[] = []

/** Adam reaches the thread through the first group. */
const audience: Audience = (group, user) => {
  if (user === adam) return group === groups[0] ? { role: 'member', joinSeq: 1, history: 'all' } : undefined
  return user === alice ? { role: 'admin', joinSeq: 1, history: 'all' } : undefined
}

type Said<T extends EventType> = {
  readonly type: T
  readonly content: ContentOf<T>
}

function write<T extends EventType>(sender: UserId | NodeSender, { type, content }: Said<T>): void {
  const seq = head.seq + 1
  const origin = nodeOf(sender)
  const event = buildEvent({
    id: `0193a000-0000-7000-8000-${seq.toString(16).padStart(12, '0')}` as EventId,
    space,
    host: acme,
    origin,
    sender,
    type,
    content,
    salt: Buffer.alloc(16, seq),
    ts: at(seq) - 500,
    idv: sender.startsWith('node@') ? 0 : 1,
    ...(seq > 2 ? { after: seq - 2 } : {}),
  })
  const code = judge(state, audience, event)
  if (code) throw new Error(`Entry ${seq} is refused: ${code}.`)
  space ??= `s_${event.hash}` as SpaceId
  const anchor = addressedBy(event).map((group) => position(group, anchorSeqs.get(group)!))
  // The groups have gone on since the thread began to address them.
  const routes =
    state && !sender.startsWith('node@') ? standingOf(state, audience, sender as UserId)!.via : []
  const via = routes.map((group) => position(group, anchorSeqs.get(group)! + 2))
  const entry = buildEntry({
    v: 1,
    space,
    epoch: 1,
    seq,
    prev: head.hash,
    event: event.hash,
    at: at(seq),
    kid: origin === acme ? null : home.signer.kid,
    ...(via.length > 0 ? { via } : {}),
    ...(anchor.length > 0 ? { anchor } : {}),
  })
  const isState = isStateType(type)
  if (isState) state = fold(state, { event, entry })
  if (origin === globex) proved.push(event)
  head = { epoch: 1, seq, hash: entry.hash }
  heads.push(head)
  placed.push({
    entry: entry.text,
    event: event.wire,
    eventHash: event.hash,
    hash: entry.hash,
    ...(isState ? { state: digestState(state!) } : {}),
  })
}

const post = (text: string): Said<'msg.post'> => ({
  type: 'msg.post',
  content: { text, fmt: 'plain', mentions: [] },
})
const itself = nodeSender(acme)

function responseOf(user: UserId, n: number): string {
  const genesis = space!.slice(2) as ReturnType<typeof buildEvent>['hash']
  const said = {
    v: 1,
    iss: globex,
    aud: acme,
    jti: jti(n),
    space: space!,
    genesis,
    answer: 'accept',
  } as const
  return signInviteResponse({ ...said, user, at: at(head.seq) }, home.signer)
}

function join(user: UserId, n: number): Said<'member.join'> {
  const content = {
    user,
    role: 'poster',
    history: 'all',
    invite: jti(n),
    response: responseOf(user, n),
  } as const
  return { type: 'member.join', content }
}

const nonce = Buffer.alloc(16, 7).toString('base64url')
const recipients = { users: [alice, anna], groups: groups.slice(0, 1) }
const invite = { node: globex, role: 'poster', history: 'all' } as const

write(alice, {
  type: 'space.create',
  content: { kind: 'thread', features: [], settings: { title: 'Launch ☕' }, recipients, nonce },
})
write(alice, post('Hello'))
write(alice, { type: 'member.invite', content: { jti: jti(1), ...invite } })
write(itself, {
  type: 'node.add',
  content: { node: globex, op_hash: Buffer.alloc(32, 5).toString('base64url') as never },
})
write(itself, join(bob, 1))
write(bob, post('Hi, this is Bob. 🙂'))
write(adam, post('Through the group.'))
write(alice, { type: 'member.invite', content: { jti: jti(2), ...invite, history: 'now' } })
write(itself, { type: 'member.uninvite', content: { jti: jti(2), reason: 'declined' } })
write(alice, { type: 'member.role', content: { user: bob, role: 'member' } })
write(bob, { type: 'member.invite', content: { jti: jti(3), ...invite } })
write(itself, join(bea, 3))
write(bea, post('مرحبا\n"quoted" and \\ escaped'))
write(alice, { type: 'recipient.add', content: { group: groups[1]!, history: 'now' } })
write(alice, { type: 'space.set', content: { key: 'replies-off', value: 'no' } })
write(alice, { type: 'recipient.remove', content: { group: groups[0]! } })
write(alice, { type: 'member.remove', content: { user: bob } })
write(bea, { type: 'member.leave', content: { user: bea } })
write(itself, { type: 'node.remove', content: { node: globex } })
write(alice, post('Alone again.'))

const speaks = { v: 1, iss: acme, space: space! } as const
const digest = digestState(state!)
const proof = {
  v: 1,
  iss: globex,
  space: space!,
  host: acme,
  events: proved.map((event) => event.hash),
} as const
const kept = heads[11]!
const receipt = { v: 1, iss: globex, aud: acme, space: space!, ...head, kept, at: at(22) } as const
const vectors = {
  about:
    'A log of twenty entries. Seeds are Ed25519 private keys in hex; all else follows from federation/SPEC.md.',
  host: { node: acme, seed: '03'.repeat(32), kid: host.signer.kid },
  home: { node: globex, seed: '01'.repeat(32), kid: home.signer.kid },
  space,
  entries: placed,
  proof: signProof({ ...proof, events: [...proof.events] }, home.signer),
  checkpoint: signCheckpoint({ ...speaks, ...head, state: digest, at: at(21) }, host.signer),
  receipt: signReceipt(receipt, home.signer),
}

writeFileSync(
  new URL('../test/vectors/parley/log.json', import.meta.url),
  `${JSON.stringify(vectors, undefined, 2)}\n`,
)
