import type { ContentOf, EventType } from '#schema/event/types.ts'
import { isStateType } from '#schema/event/types.ts'
import {
  nodeOf,
  nodeSender,
  type EventId,
  type Hash,
  type InviteId,
  type NodeId,
  type NodeSender,
  type SpaceId,
  type UserId,
} from '#schema/ids.ts'
import type { EntryBody, LogPosition } from '#schema/wire/event.ts'
import type { InviteResponse } from '#schema/wire/invite.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import { buildEntry, type Head, noHash } from '#federation/chain.ts'
import { buildEvent, type Event } from '#federation/event.ts'
import { fold } from '#federation/judge.ts'
import { addressedBy, neverNamed } from '#federation/positions.ts'
import type { Evidence, Incoming, Replica } from '#federation/replica.ts'
import { digestState, type SpaceState } from '#federation/state.ts'
import { acme, bob, globex, kidOf, nowSeconds } from './fixtures.ts'

// Logs written by a host that does not ask any rule, so that a test can have it write what no rule allows.

export const initech = 'initech.example' as NodeId
export const user = (letter: string, node: NodeId): UserId => `u_${letter.repeat(26)}@${node}` as UserId
export const alice = user('a', acme)
export const anna = user('n', acme)
export const adam = user('d', acme)
export const bea = user('e', globex)
export const carol = user('c', initech)
export const mallory = user('m', globex)
export const acmeItself = nodeSender(acme)

export const nowMs = nowSeconds * 1000

/** Event id number n. */
export function eventId(n: number): EventId {
  return `0193a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as EventId
}

/** Invite id number n. */
export const jti = (n: number): InviteId => Buffer.alloc(16, n).toString('base64url') as InviteId

export type Placed = Incoming & { readonly event: Event; readonly digest: Hash }

/** A log as its host has it. It only ever grows. */
export type TestLog = {
  readonly space: SpaceId
  readonly placed: readonly Placed[]
  readonly state: SpaceState
  readonly head: Head
}

export type Wish<T extends EventType = EventType> = {
  readonly type: T
  readonly content: ContentOf<T>
  readonly sender?: UserId | NodeSender
  readonly changes?: Partial<Parameters<typeof buildEvent>[0]>
  readonly body?: Partial<EntryBody>
  /** Instead of an event built from the rest. */
  readonly event?: Event
}

/** The event of a wish, as event number n of the world. */
export function eventOf<T extends EventType>(space: SpaceId | null, n: number, wish: Wish<T>): Event {
  const sender = wish.sender ?? alice
  return buildEvent({
    id: eventId(n),
    space,
    host: acme,
    origin: nodeOf(sender),
    sender,
    type: wish.type,
    content: wish.content,
    salt: Buffer.alloc(16, n),
    ts: nowMs + n * 1000,
    idv: 1,
    ...wish.changes,
  })
}

const settings = { title: 'Launch' }

export function genesisContent(changes: Partial<ContentOf<'space.create'>> = {}): ContentOf<'space.create'> {
  return {
    kind: 'thread',
    features: [],
    settings,
    recipients: { users: [alice], groups: [] },
    nonce: Buffer.alloc(16, 7).toString('base64url'),
    ...changes,
  }
}

/** A log with its genesis; a thread of alice's unless `changes` say otherwise. */
export function begin(
  changes: Partial<ContentOf<'space.create'>> = {},
  wish: Partial<Wish<'space.create'>> = {},
): TestLog {
  const content = genesisContent(changes)
  const event = wish.event ?? eventOf(null, 1, { type: 'space.create', content, ...wish })
  const space = `s_${event.hash}` as SpaceId
  const empty = { space, placed: [], head: { epoch: 1, seq: 0, hash: noHash } }
  return place(empty, event, wish.body)
}

/** The log with one more entry. Nothing asks whether it may stand there. */
export function write<T extends EventType>(log: TestLog, wish: Wish<T>): TestLog {
  const event = wish.event ?? eventOf(log.space, log.head.seq + 1, wish)
  return place(log, event, wish.body)
}

export function writeAll(log: TestLog, wishes: readonly Wish[]): TestLog {
  return wishes.reduce<TestLog>((grown, wish) => write(grown, wish), log)
}

type Growing = Omit<TestLog, 'state'> & { readonly state?: SpaceState }

function place(log: Growing, event: Event, body: Partial<EntryBody> = {}): TestLog {
  const anchored = addressedBy(event)
  const seq = log.head.seq + 1
  const entry = buildEntry({
    v: 1,
    space: log.space,
    epoch: log.head.epoch,
    seq,
    prev: log.head.hash,
    event: event.hash,
    at: nowMs + seq * 1000,
    kid: event.header.origin === acme ? null : kidOf(1),
    ...(anchored.length > 0 ? { anchor: anchored.map((group) => position(group, 1)) } : {}),
    ...body,
  })
  const before = log.state && structuredClone(log.state)
  const changes = isStateType(event.header.type) && event.content !== undefined
  const state = changes ? fold(before, { event, entry }) : before!
  const head = { epoch: entry.body.epoch, seq: entry.body.seq, hash: entry.hash }
  const digest = digestState(state)
  return {
    space: log.space,
    placed: [...log.placed, { entry, event, wire: event.wire, digest }],
    state,
    head,
  }
}

/** A position in the log of a group that nobody holds. */
export function position(space: SpaceId, seq: number): LogPosition {
  return { space, epoch: 1, seq, hash: kidOf(60) }
}

/** Group id number n, of a group that nobody holds. */
export const groupId = (n: number): SpaceId => `s_${kidOf(n)}` as SpaceId

export const says = (text: string, sender: UserId = alice): Wish<'msg.post'> => ({
  type: 'msg.post',
  content: { text, fmt: 'plain', mentions: [] },
  sender,
})

export type Join = { readonly user?: UserId; readonly jti?: number }

/** What it takes to bring bob in: his invitation, his company, his joining with its signed answer. */
export function bringsIn({ user = bob, jti: n = 1 }: Join = {}): Wish[] {
  const node = nodeOf(user)
  return [
    { type: 'member.invite', content: { jti: jti(n), node, role: 'poster', history: 'all' } },
    { type: 'node.add', content: { node, op_hash: kidOf(50) }, sender: acmeItself },
    joins({ user, jti: n }),
  ]
}

export function joins({ user = bob, jti: n = 1 }: Join = {}): Wish<'member.join'> {
  const response = responseText(user, n)
  const content = { user, role: 'poster', history: 'all', invite: jti(n), response } as const
  return { type: 'member.join', content, sender: acmeItself }
}

/** Stands for a signed response; `evidenceOf` knows what it says. */
const responseText = (user: UserId, n: number): string => `response.${user}.${n}`

/** A replica that holds the first `seq` entries of a log. */
export function replicaOf(log: TestLog, seq: number): Replica {
  const { space } = log
  if (seq === 0) return { space, host: acme, head: { epoch: 1, seq: 0, hash: noHash }, state: undefined }
  const held = log.placed.slice(0, seq)
  const state = held.reduce<SpaceState | undefined>(
    (state, { event, entry }) => (isStateType(event.header.type) ? fold(state, { event, entry }) : state),
    undefined,
  )
  const { entry } = held.at(-1)!
  return { space, host: acme, head: { epoch: entry.body.epoch, seq, hash: entry.hash }, state }
}

/** Entries `from` to `to` of a log with the checkpoint over the last of them. */
export function batchOf(
  log: TestLog,
  from: number,
  to: number = log.placed.length,
): { entries: Incoming[]; checkpoint: Checkpoint } {
  const placed = log.placed.slice(from - 1, to)
  const last = placed.at(-1)!
  const { epoch, seq } = last.entry.body
  const { digest } = last
  return {
    entries: placed.map(({ entry, wire }) => ({ entry, wire })),
    checkpoint: {
      v: 1,
      iss: acme,
      space: log.space,
      epoch,
      seq,
      hash: last.entry.hash,
      state: digest,
      at: nowMs,
    },
  }
}

/**
 * What a follower knows that holds the first `seq` entries: every proof holds, every response says what it should,
 * and what the sender was in groups is the host's word.
 */
export function evidenceOf(log: TestLog, seq: number, changes: Partial<Evidence> = {}): Evidence {
  const held = log.placed.slice(0, seq)
  return {
    proves: (_event, _origin, kid) => kid === kidOf(1),
    isDisputed: () => false,
    wasCutOff: () => false,
    response: (text) => responseOf(log.space, text),
    knownHash: (at) => held[at - 1]?.entry.hash,
    audience: () => () => 'attested',
    isPlaced: (origin, id) =>
      held.some(({ event: { header } }) => header.origin === origin && header.id === id),
    isUsed: (id) => held.some(({ event }) => (event.content as { jti?: InviteId } | undefined)?.jti === id),
    lastNamed: (group) =>
      held
        .flatMap(({ entry: { body } }) => [...(body.via ?? []), ...(body.anchor ?? [])])
        .filter((named) => named.space === group)
        .toSorted((a, b) => b.epoch - a.epoch || b.seq - a.seq)[0] ?? neverNamed,
    ...changes,
  }
}

/** What the response number n says, unless `changes` say otherwise. */
export function responseOf(
  space: SpaceId,
  text: string,
  changes: Partial<InviteResponse> = {},
): InviteResponse {
  const [, user, n] = /^response\.(.*)\.(\d+)$/.exec(text)!
  return {
    v: 1,
    iss: nodeOf(user as UserId),
    aud: acme,
    jti: jti(Number(n)),
    space,
    genesis: space.slice(2) as Hash,
    answer: 'accept',
    user: user!,
    at: nowMs,
    ...changes,
  }
}
