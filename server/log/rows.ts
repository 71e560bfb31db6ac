import { isStateType } from '#schema/event/types.ts'
import type { NewEntry, NewHead } from '#server/db/entries.ts'
import type { Intent, Placed } from './intent.ts'
import type { Place } from './place.ts'

/** The row of an entry that stands in a log, with its content beside it. */
export function rowOf(
  { space, entry, event, digest, standing, disputed }: Placed,
  more: Pick<NewEntry, 'proofHash' | 'idempotencyKey' | 'requestHash'>,
): NewEntry {
  const { header, wire } = event
  return {
    spaceId: space,
    epoch: entry.body.epoch,
    seq: entry.body.seq,
    hash: entry.hash,
    text: entry.text,
    eventId: header.id,
    origin: header.origin,
    sender: header.sender,
    type: header.type,
    header: wire.header,
    at: entry.body.at,
    stateDigest: isStateType(header.type) ? digest : null,
    standing,
    disputed,
    salt: wire.salt,
    content: wire.content,
    ...more,
  }
}

/** The row of an entry that we placed for an intent, or that came along with one. */
export function rowOfIntent(placed: Placed, source: Intent | undefined): NewEntry {
  return rowOf(placed, {
    proofHash: source?.proof?.hash ?? null,
    idempotencyKey: source?.idempotency?.key ?? null,
    requestHash: source?.idempotency?.requestHash ?? null,
  })
}

/** Where a space's log and state stand after a batch. */
export function headOf({ id, head, at, digest, state }: Place): NewHead {
  if (!state) throw new Error('A space with entries has a state.')
  return {
    id,
    epoch: head.epoch,
    seq: head.seq,
    hash: head.hash,
    at,
    digest,
    stateSeq: state.stateSeq,
    stateHash: state.stateHash,
  }
}
