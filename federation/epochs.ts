import type { SpaceReanchor } from '#schema/event/space-reanchor.ts'
import type { Entry, Head } from './chain.ts'
import { type Event, hashHeader, readContent, readHeaderForm } from './event.ts'
import type { WireEvent } from '#schema/wire/event.ts'

// An epoch says who ordered a log, and which of several histories goes on. A new one begins with one entry, and by it
// everybody sees what the host goes on from: an epoch that changes without it is no log (SPEC L4, L14).

/** The first entry of an epoch. */
export type Turn = {
  readonly epoch: number
  /** The last entry of the branch that was chosen. What its host signed beyond it is another branch. */
  readonly after: Head
}

/** Does this entry begin an epoch, and behind what? Undefined: it does not, or not as it has to. */
export function readTurn({
  entry,
  wire,
}: {
  readonly entry: Entry
  readonly wire: WireEvent
}): Turn | undefined {
  if (hashHeader(wire.header) !== entry.body.event) return undefined
  const header = readHeaderForm(wire.header)
  if (!header.ok || header.value.type !== 'space.reanchor') return undefined
  const content = readContent(header.value, wire)
  const after = content.ok ? (content.value as SpaceReanchor).after : undefined
  return after && isBehind(entry, after) ? { epoch: entry.body.epoch, after } : undefined
}

/**
 * What begins in a later epoch than our head, behind other entries than that: where the epoch begins is to be seen before
 * it, or is not ours to see, so that all that can be said is what these entries go on from.
 */
export function readLateTurn(head: Head, { body: { epoch, seq, prev } }: Entry): Turn | undefined {
  const isDirect = seq === head.seq + 1 && prev === head.hash
  return isDirect || seq === 1 ? undefined : { epoch, after: { epoch, seq: seq - 1, hash: prev } }
}

/** The place of the entry has to say the same as its content, or one of them would be passed over. */
function isBehind({ body: { epoch, seq, prev } }: Entry, after: Head): boolean {
  return epoch > after.epoch && seq === after.seq + 1 && prev === after.hash
}

/** Does this entry follow that head: in its epoch (L3), or by beginning another one behind it (L14)? */
export function followsOn(
  head: Head,
  incoming: { readonly entry: Entry; readonly wire: WireEvent },
): boolean {
  const { epoch, seq, prev } = incoming.entry.body
  if (seq !== head.seq + 1 || prev !== head.hash) return false
  return epoch === head.epoch || readTurn(incoming)?.after.epoch === head.epoch
}

/** An event that names what an epoch goes on from stands where one begins, and nowhere else (L14); that one begins so, the chain says. */
export function isTurnSound(
  epoch: number,
  { event, entry }: { readonly event: Event; readonly entry: Entry },
) {
  const { type } = event.header
  const after = type === 'space.reanchor' ? (event.content as SpaceReanchor | undefined)?.after : undefined
  return after === undefined || (isBehind(entry, after) && after.epoch === epoch)
}
