import { hash as digestOf } from 'node:crypto'
import { type ContentOf, type EventType, eventTypes, isEventType } from '#schema/event/types.ts'
import { nodeOf, type Hash } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Header, type WireEvent } from '#schema/wire/event.ts'
import { accept, type Outcome, type Refused, refuse } from './outcome.ts'
import { readStrictJson } from './strict-json.ts'

// Events: what an author promised. A header is JSON text that is hashed as it stands; the content
// lies beside it behind a salted digest, so that erasing it leaves every hash true (SPEC E1 to E9).

/** An event whose header was read and whose content, when it has any, is the one that the header promises. */
export type Event = {
  readonly hash: Hash
  readonly header: Header
  readonly wire: WireEvent
  /** The content by the shape of its type; undefined when there is none, or the type is unknown to us. */
  readonly content: unknown
}

/** SHA-256 in base64url of a prefix that names the kind of thing, then the text in UTF-8. */
function taggedHash(tag: string, text: string): Hash {
  return digestOf('sha256', `${tag}\n${text}`, 'base64url') as Hash
}

/** Event hash of a header text (E1). Also the space's id, behind `s_`, when the header is a genesis. */
export function hashHeader(text: string): Hash {
  return taggedHash('parley-event/1', text)
}

/** Digest of a content text under its salt (E2). The salt keeps short erased texts from being guessed. */
export function digestContent(salt: string, content: string): Hash {
  const bytes = Buffer.concat([
    Buffer.from('parley-content/1\n'),
    Buffer.from(salt, 'base64url'),
    Buffer.from(content),
  ])
  return digestOf('sha256', bytes, 'base64url') as Hash
}

/** What the author's node decides about an event; the rest follows from it. Times in milliseconds. */
export type EventDraft<T extends EventType = EventType> = {
  readonly id: Header['id']
  readonly space: Header['space']
  readonly host: Header['host']
  readonly origin: Header['origin']
  readonly sender: Header['sender']
  readonly type: T
  readonly content: ContentOf<T>
  /** 16 random bytes. */
  readonly salt: Uint8Array
  readonly ts: number
  readonly idv: number
  readonly after?: number
}

/** Builds an event of our own from typed values; nothing that a peer proposes is ever signed as it came. */
export function buildEvent<T extends EventType>(draft: EventDraft<T>): Event {
  const content = JSON.stringify(draft.content)
  const salt = Buffer.from(draft.salt).toString('base64url')
  const header: Header = {
    v: 1,
    id: draft.id,
    space: draft.space,
    host: draft.host,
    origin: draft.origin,
    sender: draft.sender,
    type: draft.type,
    ts: draft.ts,
    exp: draft.ts + limits.eventLifeMs,
    ...(draft.after === undefined ? {} : { after: draft.after }),
    digest: digestContent(salt, content),
    size: Buffer.byteLength(content),
    idv: draft.idv,
  }
  const text = JSON.stringify(header)
  return { hash: hashHeader(text), header, wire: { header: text, salt, content }, content: draft.content }
}

/** Reads a header text that agrees with itself. Refuses with what the two functions below say (E3 to E6). */
export function readHeader(text: string): Outcome<Header> {
  const header = readHeaderForm(text)
  if (!header.ok) return header
  return faultOfHeader(header.value) ?? header
}

/** The form alone: strict JSON of at most 4 KiB, of the shape of a header (E3). */
export function readHeaderForm(text: string): Outcome<Header> {
  if (Buffer.byteLength(text) > limits.headerBytesMax) return refuse('too-large', 'header')
  const json = readStrictJson(text)
  if (!json.ok) return json
  const header = Header.safeParse(json.value)
  if (!header.success) return refuse('schema', header.error.issues[0]?.path.join('.') ?? 'header')
  return accept(header.data)
}

/** Does a header agree with itself? A node speaks for its own users only, and for nobody for longer than 72 hours. */
export function faultOfHeader({ sender, origin, space, type, exp, ts }: Header): Refused | undefined {
  if (nodeOf(sender) !== origin) return refuse('no-right', 'sender') // E4
  if ((space === null) !== (type === 'space.create')) return refuse('schema', 'space') // E5
  if (exp < ts || exp - ts > limits.eventLifeMs) return refuse('schema', 'exp') // E6
  return undefined
}

/** May the event not be written down any more? `at` is the time of its entry (E6). */
export function isExpired(header: Header, at: number): boolean {
  return at > header.exp
}

/** Checks that a content is the one promised, and reads it by the shape of its type (E7, E8). */
export function readContent(header: Header, wire: WireEvent): Outcome<unknown> {
  if ((wire.content === null) !== (wire.salt === null)) return refuse('content-mismatch', 'salt')
  if (header.digest === null) {
    if (wire.content !== null || header.size !== 0) return refuse('content-mismatch', 'digest')
    // Every type that we know has a content, and rules rely on its shape.
    return isEventType(header.type) ? refuse('schema', 'content') : accept(undefined)
  }
  if (wire.content === null || wire.salt === null) return refuse('content-mismatch', 'missing')
  const size = Buffer.byteLength(wire.content)
  if (size > limits.contentBytesMax) return refuse('too-large', 'content')
  if (size !== header.size) return refuse('content-mismatch', 'size')
  if (digestContent(wire.salt, wire.content) !== header.digest) return refuse('content-mismatch', 'digest')
  const json = readStrictJson(wire.content)
  if (!json.ok) return json
  if (!isEventType(header.type)) return accept(undefined)
  const content = eventTypes[header.type].shape.safeParse(json.value)
  return content.success
    ? accept(content.data)
    : refuse('schema', content.error.issues[0]?.path.join('.') ?? 'content')
}

/** Reads a whole event, header and content. Follower tiers that need them apart call the two above. */
export function readEvent(wire: WireEvent): Outcome<Event> {
  const header = readHeader(wire.header)
  if (!header.ok) return header
  const content = readContent(header.value, wire)
  if (!content.ok) return content
  return accept({ hash: hashHeader(wire.header), header: header.value, wire, content: content.value })
}
