import { type Entry, noHash } from '#federation/chain.ts'
import { hashHeader } from '#federation/event.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import type { Fault } from './fault.ts'
import { type Copy, hashAt, type Replica } from './load.ts'
import { readSignedBy } from './signatures.ts'

/** I-03 gap-free, I-04 unique and I-05 chained: each log by itself. */
export function logFaults(replica: Replica): Fault[] {
  return [...replica.copies.values()].flatMap((copy) => {
    const say = (id: Fault['id'], detail: string): Fault => ({
      id,
      node: replica.id,
      detail: `${copy.space.id}: ${detail}`,
    })
    return [...gaps(copy, say), ...twins(copy, say), ...breaks(copy, say), ...checkpoints(replica, copy, say)]
  })
}

export type Say = (id: Fault['id'], detail: string) => Fault

function gaps({ space, entries: all }: Copy, say: Say): Fault[] {
  // A copy that begins behind a base has the genesis besides, and is dense from the base on.
  const entries = all.filter(({ seq }) => seq > space.baseSeq)
  const first = space.baseSeq + 1
  const faults = entries.flatMap(({ seq }, i) =>
    seq === first + i ? [] : [say('I-03', `the entry after ${i} others is ${seq}`)],
  )
  if (all[0]?.seq !== 1) faults.push(say('I-03', `the log begins at ${all[0]?.seq}`))
  if (entries.length === 0 && space.headSeq === space.baseSeq && space.headHash === space.baseHash)
    return faults
  const head = entries.at(-1)
  if (head?.seq !== space.headSeq || head.hash !== space.headHash || head.at !== space.headAt) {
    faults.push(say('I-03', `the head row says ${space.headSeq}, the log ends at ${head?.seq}`))
  }
  return faults
}

function twins({ entries }: Copy, say: Say): Fault[] {
  const events = entries.map(({ origin, eventId }) => `${origin} ${eventId}`)
  const keys = entries.flatMap(({ sender, idempotencyKey }) =>
    idempotencyKey === null ? [] : [`${sender} ${idempotencyKey}`],
  )
  return [...repeated(events), ...repeated(keys)].map((what) => say('I-04', `${what} stands twice`))
}

export function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>()
  return values.filter((value) => seen.has(value) || !seen.add(value))
}

function breaks(copy: Copy, say: Say): Fault[] {
  let before: Entry | undefined
  return copy.entries.flatMap((row, i) => {
    const entry = copy.read[i]
    const wrong = entry ? faultOfEntry(copy, row, entry, before) : 'its text is no entry'
    before = entry
    return wrong === undefined ? [] : [say('I-05', `entry ${row.seq}: ${wrong}`)]
  })
}

function faultOfEntry(
  { space }: Copy,
  row: Copy['entries'][number],
  { hash, body }: Entry,
  before: Entry | undefined,
): string | undefined {
  if (hash !== row.hash) return 'its hash is another'
  if (body.space !== space.id || body.seq !== row.seq || body.epoch !== row.epoch || body.at !== row.at) {
    return 'its row says something else than its text'
  }
  const event = hashHeader(row.header)
  if (body.event !== event) return 'it is about another event'
  if (row.seq === 1) {
    if (body.prev !== noHash) return 'something comes before the genesis'
    return space.id === `s_${event}` ? undefined : 'it is the genesis of another space'
  }
  if (row.seq === space.baseSeq + 1) {
    return body.prev === space.baseHash ? undefined : 'it does not follow the base'
  }
  if (!before) return undefined
  if (body.at < before.body.at) return 'it is older than the one before'
  return body.prev === before.hash ? undefined : 'it follows another entry'
}

function checkpoints(replica: Replica, copy: Copy, say: Say): Fault[] {
  const { space } = copy
  return replica.checkpoints.flatMap((row) => {
    if (row.spaceId !== space.id) return []
    const signed = readSignedBy(replica, row.jws, checkpointKind)
    if (!signed) return [say('I-05', `the checkpoint at ${row.seq} has no valid signature`)]
    const { iss, seq, hash } = signed
    const agrees = iss === space.host && seq === row.seq && hash === row.hash && hashAt(copy, seq) === hash
    return agrees ? [] : [say('I-05', `the checkpoint at ${row.seq} is not about this log`)]
  })
}
