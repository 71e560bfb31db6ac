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
      void commit(ports, states, batch, committed).finally(() => {
        inFlight--
        for (const space of spaces) busy.delete(space)
        pump()
      })
    }
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

/**
 * Runs a batch until its outcome is known. A deadlock retries all of it; an unknown outcome runs it again,
 * where duplicates are found under the locks and settle with the first result (A13); any other error goes
 * intent by intent, so that one bad intent takes no others with it.
 */
async function commit(
  ports: LogPorts,
  states: States,
  batch: readonly Queued[],
  committed: Committed,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { settled, placed } = await runBatch(ports, states, batch)
      for (const [space, entries] of placed) committed(space, entries)
      batch.forEach((queued, i) => queued.settle(settled[i]!))
      return
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
        return
      }
      for (const queued of batch) await commit(ports, states, [queued], committed)
      return
    }
  }
}

function mayRetry(fault: DatabaseFault, attempt: number): boolean {
  return (fault === 'conflict' || fault === 'unknown-outcome') && attempt <= deadlockRetriesMax
}
