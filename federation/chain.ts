import { hash as digestOf } from 'node:crypto'
import type { Hash } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { EntryBody } from '#schema/wire/event.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import { readStrictJson } from './strict-json.ts'

// The chain: one entry per event, each naming the hash of the one before (SPEC L1 to L4). Entry texts
// are hashed as they stand; nothing is parsed and written again.

/** 32 zero bytes: what the first entry names as its predecessor, and the head of a log that is empty. */
export const noHash = 'A'.repeat(43) as Hash

export type Entry = {
  readonly hash: Hash
  readonly body: EntryBody
  readonly text: string
}

/** Entry hash of an entry text (L1). */
export function hashEntry(text: string): Hash {
  return digestOf('sha256', `parley-entry/1\n${text}`, 'base64url') as Hash
}

/** Writes an entry. The order of members is fixed here so that equal entries are equal texts. */
export function buildEntry(body: EntryBody): Entry {
  const text = JSON.stringify({
    v: 1,
    space: body.space,
    epoch: body.epoch,
    seq: body.seq,
    prev: body.prev,
    event: body.event,
    at: body.at,
    kid: body.kid,
    via: body.via,
    anchor: body.anchor,
  })
  return { hash: hashEntry(text), body, text }
}

/**
 * Reads an entry text: strict JSON of at most 4 KiB, of the shape of an entry (L2). Without escapes, so that whoever
 * looks for an id in stored texts finds it.
 */
export function readEntry(text: string): Outcome<Entry> {
  if (Buffer.byteLength(text) > limits.entryBytesMax) return refuse('too-large', 'entry')
  if (text.includes('\\')) return refuse('schema', 'escape')
  const json = readStrictJson(text)
  if (!json.ok) return json
  const body = EntryBody.safeParse(json.value)
  if (!body.success) return refuse('schema', body.error.issues[0]?.path.join('.') ?? 'entry')
  return accept({ hash: hashEntry(text), body: body.data, text })
}

/** A position in a log: what a head, a checkpoint and a receipt speak about. */
export type Head = { readonly epoch: number; readonly seq: number; readonly hash: Hash }

/** Does this entry follow that head directly (L3)? */
export function follows(head: Head, entry: Entry): boolean {
  return entry.body.seq === head.seq + 1 && entry.body.prev === head.hash && entry.body.epoch === head.epoch
}
