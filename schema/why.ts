import { z } from 'zod'
import { Exchange } from './api/exchanges.ts'
import { Peer } from './api/peers.ts'
import { Verdict } from './api/policies.ts'
import { Role, SpaceKind } from './event/shared.ts'
import { EventId, NodeId, NodeSender, SpaceId, UserId } from './ids.ts'
import { reasons } from './reason.ts'
import { HostAccess } from './removal.ts'

// Why something is as it is, for operators: data first. Ids, numbers, times and words of closed lists; never what
// anybody wrote, and no key or token. All times in milliseconds since 1970.

const Time = z.int()

/** Why something failed: its class, and a narrower word, which is a code or what exactly failed. */
const Cause = z.strictObject({ reason: z.enum(reasons), detail: z.string().nullable() })

/** Something that was said at a time. */
const Said = z.strictObject({ kind: z.string(), at: Time })

/** Where something is. */
const Place = z.strictObject({ space: SpaceId, host: NodeId })

/** What keeps something from arriving. */
export const Hindrance = Cause.extend({
  /** When it was last seen to be so. */
  at: Time.nullable(),
  /** When it is tried again, at the latest, as long as the node runs; null when something has to change first. */
  nextAttemptBy: Time.nullable(),
  /** Of `breaker-open`: what the last attempt failed for. */
  cause: Cause.nullable(),
})
export type Hindrance = z.output<typeof Hindrance>

/** How far one node has come with a log that we host. */
export const Follower = z.strictObject({
  node: NodeId,
  /** What came before is not for it. */
  fromSeq: z.int(),
  /** Up to where its newest receipt goes, and when that came. */
  ackedSeq: z.int(),
  receiptAt: Time.nullable(),
  /** Entries that it may have and has not confirmed. */
  lag: z.int(),
  /** Until when it may show what it holds, by the lease that we gave. */
  leaseUntil: Time.nullable(),
  /** Attempts since the last receipt that concerned this space alone. */
  failures: z.int(),
  hindrance: Hindrance.nullable(),
})
export type Follower = z.output<typeof Follower>

/** A lease, and the orders that come with it. */
export const LeaseState = z.strictObject({
  until: Time,
  outageUntil: Time,
  fencesHave: z.int(),
  fencesUpto: z.int(),
})

export type LeaseState = z.output<typeof LeaseState>

/** An order of a host to end an access. */
export const OrderState = z.strictObject({
  host: NodeId,
  node: NodeId,
  n: z.int(),
  space: SpaceId,
  /** Null for a whole company. */
  subject: UserId.nullable(),
  at: Time,
  /** When it was confirmed that nobody has access, and that the copy is deleted; null twice where there is none to delete. */
  confirmedAt: Time.nullable(),
  purges: z.boolean(),
  purgedAt: Time.nullable(),
})
export type OrderState = z.output<typeof OrderState>

/** What other followers have confirmed of a log, as its host has passed it on. */
const Confirmed = z.array(z.strictObject({ node: NodeId, seq: z.int(), at: Time }))

/** The requests that were about it, newest first. */
const Attempts = z.array(Exchange)

const MessageWhy = z.strictObject({
  about: z.literal('message'),
  id: EventId,
  space: SpaceId,
  host: NodeId,
  /** The node of whoever wrote it. */
  origin: NodeId,
  sender: z.union([UserId, NodeSender]),
  type: z.string(),
  /** By the author's clock. */
  writtenAt: Time,
  state: z.enum(['queued', 'sent', 'accepted', 'refused', 'expired', 'placed']),
  /** Why it was refused. */
  code: z.string().nullable(),
  /** Its place in the log, and when the host took it. */
  seq: z.int().nullable(),
  epoch: z.int().nullable(),
  acceptedAt: Time.nullable(),
  standing: z.enum(['verified', 'unverified', 'unreadable']).nullable(),
  /** Of what we host: everybody who reads it, and whether they have it. */
  followers: z.array(Follower),
  /** Of what another node hosts. */
  confirmed: Confirmed,
  /** Why it is not at its host. */
  hindrance: Hindrance.nullable(),
  attempts: Attempts,
})
export type MessageWhy = z.output<typeof MessageWhy>

const SpaceWhy = z.strictObject({
  about: z.literal('space'),
  id: SpaceId,
  kind: SpaceKind,
  host: NodeId,
  isHost: z.boolean(),
  epoch: z.int(),
  headSeq: z.int(),
  headAt: Time,
  /** Our copy begins behind this seq. */
  baseSeq: z.int(),
  people: z.array(z.strictObject({ node: NodeId, people: z.int() })),
  followers: z.array(Follower),
  confirmed: Confirmed,
  /** Of a copy: may it be shown, and by which lease of its host? */
  access: HostAccess.nullable(),
  lease: LeaseState.nullable(),
  hostHeardAt: Time.nullable(),
  frozen: z.string().nullable(),
  purging: z.boolean(),
  /** After a restore: shut until it is known what came after the backup. */
  withheld: z.boolean(),
  /** Companies that an administrator here has to agree to. */
  heldBy: z.array(NodeId),
  /** What was last said to operators about it. */
  event: Said.extend({ detail: z.string() }).nullable(),
  orders: z.array(OrderState),
  /** What our people wrote and the host has not taken yet. */
  waiting: z.int(),
  hindrance: Hindrance.nullable(),
  attempts: Attempts,
})
export type SpaceWhy = z.output<typeof SpaceWhy>

const PurgedSpaceWhy = z.strictObject({
  about: z.literal('purged-space'),
  id: SpaceId,
  host: NodeId,
  headSeq: z.int(),
  order: z.int(),
  at: Time,
})
export type PurgedSpaceWhy = z.output<typeof PurgedSpaceWhy>

const PeerWhy = z.strictObject({
  about: z.literal('peer'),
  node: NodeId,
  /** Null for a name of which there are exchanges and nothing more. */
  peer: Peer.nullable(),
  pin: z
    .strictObject({
      operations: z.int(),
      statementVersion: z.int(),
      statementUntil: Time,
      versions: z.array(z.string()),
    })
    .nullable(),
  breaker: z.strictObject({ isOpen: z.boolean(), failures: z.int(), nextAttemptBy: Time.nullable() }),
  /** The last request on each lane, and until when it asked that the lane leaves it alone. */
  lanes: z.array(
    z.strictObject({
      lane: z.string(),
      at: Time,
      verdict: z.enum(['accepted', 'refused', 'failed']),
      reason: z.enum(reasons).nullable(),
      detail: z.string().nullable(),
      quietUntil: Time.nullable(),
    }),
  ),
  hindrance: Hindrance.nullable(),
  waiting: z.strictObject({
    spaces: z.array(Follower.extend({ space: SpaceId })),
    submissions: z.array(z.strictObject({ space: SpaceId, count: z.int(), oldestAt: Time })),
    messages: z.array(Said.extend({ failures: z.int(), outcome: z.string().nullable() })),
    fences: z.int(),
    purges: z.int(),
    oldestOrderAt: Time.nullable(),
  }),
  leaseGiven: LeaseState.nullable(),
  leaseTaken: LeaseState.nullable(),
  attempts: Attempts,
})
export type PeerWhy = z.output<typeof PeerWhy>

/** What keeps somebody out of a space that they should reach. */
export const Closed = z.enum([
  'suspended',
  'deleted',
  'fence',
  'ending',
  'purge',
  'withheld',
  'lease',
  'unvouched',
])
export type Closed = z.output<typeof Closed>

const PersonWhy = z.strictObject({
  about: z.literal('person'),
  id: UserId,
  node: NodeId,
  isOurs: z.boolean(),
  kind: z.enum(['member', 'guest', 'bot']),
  status: z.enum(['active', 'suspended', 'deleted']),
  identityVersion: z.int(),
  /** Until when their node vouches for them, of what we hold; null for our own. */
  vouchedUntil: Time.nullable(),
  account: z.strictObject({ role: z.string(), lastUsedAt: Time, sessions: z.int() }).nullable(),
  ways: z.array(
    Place.extend({
      kind: SpaceKind,
      /** Null for a membership of their own. */
      through: SpaceId.nullable(),
      role: Role.nullable(),
      fromSeq: z.int(),
      closedBy: Closed.nullable(),
    }),
  ),
  ended: z.array(
    Place.extend({
      seq: z.int(),
      type: z.string().nullable(),
      by: z.union([UserId, NodeSender]).nullable(),
      at: Time.nullable(),
    }),
  ),
  /** Invitations of theirs that are not through, as this node knows them. */
  invitations: z.array(
    Place.extend({
      status: z.enum(['approval', 'open', 'accepted', 'declined', 'revoked', 'expired', 'refused']),
      /** By which rule it waits or was refused. */
      rule: z.string().nullable(),
      at: Time,
      expiresAt: Time,
    }),
  ),
  orders: z.array(OrderState),
})
export type PersonWhy = z.output<typeof PersonWhy>

const ExchangeWhy = z.strictObject({ about: z.literal('exchange'), exchange: Exchange })
export type ExchangeWhy = z.output<typeof ExchangeWhy>

const DecisionWhy = z.strictObject({
  about: z.literal('decision'),
  id: z.string(),
  at: Time,
  kind: z.string(),
  verdict: Verdict,
  rule: z.string(),
  actor: UserId.nullable(),
  peer: NodeId.nullable(),
  space: SpaceId.nullable(),
  facts: z.record(z.string(), z.json()),
})
export type DecisionWhy = z.output<typeof DecisionWhy>

const EventWhy = z.strictObject({
  about: z.literal('security-event'),
  id: z.string(),
  at: Time,
  kind: z.string(),
  peer: z.string().nullable(),
  space: z.string().nullable(),
  detail: z.string(),
})
export type EventWhy = z.output<typeof EventWhy>

export const Why = z.discriminatedUnion('about', [
  MessageWhy,
  SpaceWhy,
  PurgedSpaceWhy,
  PeerWhy,
  PersonWhy,
  ExchangeWhy,
  DecisionWhy,
  EventWhy,
])
export type Why = z.output<typeof Why>

/** The data, and the same in sentences for whoever reads it at night. Times in them are UTC. */
export const Explanation = z.strictObject({ why: Why, sentences: z.array(z.string()) })
export type Explanation = z.output<typeof Explanation>
