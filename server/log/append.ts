import { fraction } from '#server/ports/random.ts'
import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Refusal } from '#server/refusal.ts'
import { runBatch } from './batch.ts'
import { type DatabaseFault, faultOf } from './faults.ts'
import type { Intent, Placed, Queued, Settled } from './intent.ts'
import type { LogPorts } from './ports.ts'
import type { States } from './states.ts'

// Group commit. Intents queue; what has queued while the last commit was under way becomes the next
// transaction. A lone message waits for nobody, a hot space fills its batches by itself, and no timer is involved.

const batchesInFlightMax = 2
const deadlockRetriesMax = 3

export type Queue = { append(intent: Intent): Promise<Settled> }

type Committed = (space: SpaceId, placed: readonly Placed[]) => void

export function openQueue(ports: LogPorts, states: States, committed: Committed): Queue {
  let waiting: Queued[] = []
  const busy = new Set<SpaceId>()
  let inFlight = 0

  function pump(): void {
    while (inFlight < batchesInFlightMax && waiting.length > 0) {
      const { batch, rest } = takeBatch(waiting, busy)
      if (batch.length === 0) return
      waiting = rest
      const spaces = new Set(batch.map((queued) => queued.intent.space))
      for (const space of spaces) busy.add(space)
      inFlight++
      void commit({ ports, states, committed, stop }, batch).finally(() => {
        inFlight--
        for (const space of spaces) busy.delete(space)
        pump()
      })
    }
  }

  /**
   * What waits behind something of another node that could not be written now, from the same node for the same space, is
   * not written either: it comes again, in its order (A14).
   */
  function stop(behind: Queued, reason: unknown): void {
    const [stopped, rest] = partition(waiting, (queued) => follows(ports, queued, behind))
    waiting = rest
    for (const queued of stopped) queued.fail(reason)
  }

  return {
    append(intent) {
      if (waiting.length >= limits.queuedIntentsMax) return Promise.reject(new Refusal('busy'))
      return new Promise((settle, fail) => {
        waiting.push({ intent, settle, fail })
        pump()
      })
    },
  }
}

/** Takes what may go now, in order; a space stands in one batch at a time, so its order is kept (A14). */
function takeBatch(
  waiting: readonly Queued[],
  busy: ReadonlySet<SpaceId>,
): { batch: Queued[]; rest: Queued[] } {
  const batch: Queued[] = []
  const rest: Queued[] = []
  let bytes = 0
  for (const queued of waiting) {
    const full = batch.length >= limits.batchIntentsMax || bytes >= limits.batchBytesMax
    if (full || busy.has(queued.intent.space)) {
      rest.push(queued)
      continue
    }
    batch.push(queued)
    bytes += queued.intent.bytes
  }
  return { batch, rest }
}

function partition(all: readonly Queued[], isFirst: (queued: Queued) => boolean): [Queued[], Queued[]] {
  return [all.filter(isFirst), all.filter((queued) => !isFirst(queued))]
}

/** Of another node, which has sent both in one order. What our own people write is sent by each of them alone. */
function follows({ node }: LogPorts, { intent }: Queued, { intent: before }: Queued): boolean {
  return intent.origin !== node && intent.origin === before.origin && intent.space === before.space
}

type Desk = {
  readonly ports: LogPorts
  readonly states: States
  readonly committed: Committed
  /** Nothing that waits behind this may overtake it. */
  readonly stop: (behind: Queued, reason: unknown) => void
}

/**
 * Runs a batch until its outcome is known. A deadlock retries all of it; an unknown outcome runs it again,
 * where duplicates are found under the locks and settle with the first result (A13); any other error goes
 * intent by intent, so that one bad intent takes no others with it. Returns why nothing that follows may be written now.
 */
async function commit(desk: Desk, batch: readonly Queued[]): Promise<unknown> {
  const { ports, states, committed, stop } = desk
  for (let attempt = 1; ; attempt++) {
    try {
      const { settled, placed } = await runBatch(ports, states, batch)
      for (const [space, entries] of placed) committed(space, entries)
      batch.forEach((queued, i) => queued.settle(settled[i]!))
      return undefined
    } catch (error) {
      for (const { intent } of batch) states.drop(intent.space)
      const fault = faultOf(error)
      if (mayRetry(fault, attempt)) {
        await ports.clock.sleep(10 * attempt * (1 + fraction(ports.random)))
        continue
      }
      if (batch.length === 1 || fault === 'storage') {
        const reason = fault === 'storage' ? new Refusal('storage-unavailable', {}, { cause: error }) : error
        for (const queued of batch) queued.fail(reason)
        // What is broken for good would hold up those behind it for good.
        if (fault === 'other') return undefined
        for (const queued of batch) stop(queued, reason)
        return reason
      }
      await commitEach(desk, batch)
      return undefined
    }
  }
}

async function commitEach(desk: Desk, batch: readonly Queued[]): Promise<void> {
  const [first, ...others] = batch
  if (!first) return
  const reason = await commit(desk, [first])
  if (reason === undefined) return await commitEach(desk, others)
  const [stopped, rest] = partition(others, (queued) => follows(desk.ports, queued, first))
  for (const queued of stopped) queued.fail(reason)
  await commitEach(desk, rest)
}

function mayRetry(fault: DatabaseFault, attempt: number): boolean {
  return (fault === 'conflict' || fault === 'unknown-outcome') && attempt <= deadlockRetriesMax
}
