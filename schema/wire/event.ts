import { z } from 'zod'
import { EventId, Hash, NodeId, NodeSender, SpaceId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'

/** Milliseconds since 1970; between 2020 and 2200, so that seconds in their place are refused. */
export const Milliseconds = z.int().min(1_577_836_800_000).max(7_258_118_400_000)
/** Seconds since 1970; between 2020 and 2200. */
export const Seconds = z.int().min(1_577_836_800).max(7_258_118_400)
/** A position in a log: dense from 1, over all epochs. */
export const Seq = z.int().min(1)
export const Epoch = z.int().min(1)

/**
 * What an author's node promises, as JSON text: user U did T, with this content, for space S at host H (§7.2).
 * At most 4 KiB of UTF-8. Unknown members are kept, since the text is what is hashed, and mean nothing.
 */
export const Header = z.looseObject({
  v: z.literal(1),
  id: EventId,
  /** Null only in a genesis. */
  space: SpaceId.nullable(),
  host: NodeId,
  origin: NodeId,
  sender: z.union([UserId, NodeSender]),
  type: z.string().regex(/^[a-z][a-z0-9.-]{1,63}$/),
  /** The author's clock, for display. The entry's `at` orders and ages. */
  ts: Milliseconds,
  /** The host refuses the event after this; at most 72 hours after `ts`. */
  exp: Milliseconds,
  /** The last seq that the author had seen. */
  after: z.int().min(0).optional(),
  refs: z.looseObject({ target: EventId.optional(), reply: EventId.optional() }).optional(),
  /** SHA-256 over salt and content, or null when there is no content. */
  digest: Hash.nullable(),
  /** Bytes of the content in UTF-8. */
  size: z.int().min(0).max(limits.contentBytesMax),
  /** Version of the sender's identity document at the time of writing. */
  idv: z.int().min(0),
})
export type Header = z.output<typeof Header>

/** An event as it travels. `header` and `content` are JSON texts inside JSON strings, exactly the bytes that were hashed. */
export const WireEvent = z.object({
  header: z.string().max(limits.headerBytesMax),
  salt: z
    .string()
    .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/)
    .nullable(),
  content: z.string().nullable(),
})
export type WireEvent = z.output<typeof WireEvent>

/** A position in another space's log that an entry leans on. */
export const LogPosition = z.looseObject({ space: SpaceId, epoch: Epoch, seq: Seq, hash: Hash })
export type LogPosition = z.output<typeof LogPosition>

/** One line of a log, as the host writes it: JSON text of at most 4 KiB (§7.1, A17, A20). */
export const EntryBody = z.looseObject({
  v: z.literal(1),
  space: SpaceId,
  epoch: Epoch,
  seq: Seq,
  prev: Hash,
  event: Hash,
  at: Milliseconds,
  /** The author's key that the host verified with; null when the author's node is the host. */
  kid: Hash.nullable(),
  /** The groups through which the sender reaches a thread, each at its last state entry. */
  via: z.array(LogPosition).max(limits.groupsPerThreadMax).optional(),
  /** For an entry that addresses groups: the last state entry of each at that moment. */
  anchor: z.array(LogPosition).max(limits.groupsPerThreadMax).optional(),
})
export type EntryBody = z.output<typeof EntryBody>

/** Author proof payload (`parley-proof+jws`): these events were written by the node's users, for this space at this host. */
export const Proof = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  space: SpaceId,
  host: NodeId,
  events: z.array(Hash).min(1).max(limits.submitEventsMax),
})
export type Proof = z.output<typeof Proof>
