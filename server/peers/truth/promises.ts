import { readEntry } from '#federation/chain.ts'
import { hashHeader } from '#federation/event.ts'
import type { EventId, NodeId, SpaceId } from '#schema/ids.ts'
import type { SubmitAnswer } from '#schema/wire/submit.ts'
import type { Context } from '#server/context.ts'
import { alone } from '#server/db/open.ts'
import {
  deletePromise,
  insertPromise,
  listDuePromises,
  listOmitted,
  notePromised,
} from '#server/db/promises.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { alarmDaily } from '../alarm.ts'
import { confront } from './confront.ts'
import { readCheckpoint, type SignedCheckpoint } from './evidence.ts'

// A host that accepts an event signs a checkpoint over it: its promise. The author's node keeps it until the log comes,
// and compares: a log without the event is another one than the host has signed, and that convicts it.

type Submitted = { readonly eventId: EventId; readonly header: string }

/** Keeps what a host promises about events that it has just accepted; what it does not promise is reported. */
export async function keepPromise(
  context: Context,
  about: { readonly host: NodeId; readonly space: SpaceId },
  answer: SubmitAnswer,
  events: readonly Submitted[],
): Promise<void> {
  const { host: peer, space } = about
  const accepted = answer.results.flatMap((result) =>
    result.status === 'accepted' || result.status === 'duplicate' ? [result] : [],
  )
  if (accepted.length === 0) return
  const checkpoint = await readPromise(context, about, answer.checkpoint)
  const places = accepted.map(({ id, entry }) => ({ id, seq: placeOf(space, entry, find(events, id)) }))
  const last = checkpoint?.payload.seq ?? 0
  if (!checkpoint || places.some(({ seq }) => seq === undefined || seq > last)) {
    const detail = 'it accepts events and does not sign that it has'
    await alarmDaily(context, { kind: 'promise-missing', peer, space, detail, freeze: false })
  }
  await context.db.transaction().execute(async (tx) => {
    for (const { id, seq } of places) if (seq !== undefined) await notePromised(tx, id, seq)
    if (!checkpoint) return
    const { seq, hash } = checkpoint.payload
    await insertPromise(tx, { spaceId: space, seq, hash, jws: checkpoint.text, at: context.clock.now() })
  })
  await comparePromises(context, space)
}

async function readPromise(
  context: Context,
  { host, space }: { readonly host: NodeId; readonly space: SpaceId },
  text: string | undefined,
): Promise<SignedCheckpoint | undefined> {
  const read = text === undefined ? undefined : await readCheckpoint(context, host, text)
  return read?.ok && read.value.payload.space === space ? read.value : undefined
}

function find(events: readonly Submitted[], id: EventId): string | undefined {
  return events.find(({ eventId }) => eventId === id)?.header
}

/** The seq of an entry that is about this event; undefined when it is none, or about something else. */
function placeOf(space: SpaceId, text: string, header: string | undefined): number | undefined {
  const entry = readEntry(text)
  if (!entry.ok || header === undefined) return undefined
  const { body } = entry.value
  return body.space === space && body.event === hashHeader(header) ? body.seq : undefined
}

/** Was it promised in an epoch that is over? What it did not go on with is told where the new one begins. */
async function isOver(context: Context, { host, epoch }: SpaceRow, jws: string): Promise<boolean> {
  const promise = await readCheckpoint(context, host, jws)
  return promise.ok && promise.value.payload.epoch < epoch
}

/** Compares our copy, as far as it has come, with what its host has promised. */
export async function comparePromises(context: Context, space: SpaceId): Promise<void> {
  const row = await findSpace(context.db, space)
  if (!row || row.host === context.node) return
  const peer = row.host
  for (const promise of await listDuePromises(context.db, space)) {
    if (promise.held !== promise.hash && !(await isOver(context, row, promise.jws))) {
      const detail = `it signed another entry ${promise.seq} when it accepted what was written here`
      await alarmDaily(context, { kind: 'broken-promise', peer, space, detail, freeze: true })
      const other = await readCheckpoint(context, peer, promise.jws)
      // Without its keys it cannot be shown now; the promise is kept, and compared again with the next batch.
      if (!other.ok) continue
      await confront(context, space, { other: other.value })
    }
    await deletePromise(alone(context.db), promise)
  }
  for (const { eventId, promisedSeq } of await listOmitted(context.db, space)) {
    const detail = `the event ${eventId}, accepted as entry ${promisedSeq}, is not in its log`
    await alarmDaily(context, { kind: 'omitted-event', peer, space, detail, freeze: false })
  }
}
