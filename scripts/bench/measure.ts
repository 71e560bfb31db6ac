import { drive } from './driver.ts'
import type { Order } from './load/order.ts'
import type { Station, Usage } from './stations.ts'

export type SideName = 'floor' | 'parley'

/** What one window of load on one side came to. Times of processors are microseconds per message. */
export type Sample = {
  readonly scenario: string
  readonly side: SideName
  readonly round: number
  readonly done: number
  readonly faults: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Entries shown on all streams, per message. */
  readonly frames: number
  /** Per server, in the order of the stations: of its Node process and of its PostgreSQL. */
  readonly cpu: readonly Usage[]
}

export type Work = {
  readonly scenario: string
  readonly side: SideName
  readonly stations: readonly Station[]
  readonly order: Order
}

/** Runs one window of load and reads what the servers used meanwhile. */
export async function measure({ scenario, side, stations, order }: Work, round: number): Promise<Sample> {
  const { tally, begun, ended } = await drive(order, () => stations.map((station) => station.usage()))
  const { done, faults, frames, p50Ms, p99Ms } = tally
  if (done === 0) throw new Error(`No message arrived: ${side}, ${scenario}.`)
  const cpu = ended.map((usage, i) => ({
    node: (usage.node - begun[i]!.node) / done,
    database: (usage.database - begun[i]!.database) / done,
  }))
  const perSecond = (done * 1000) / order.windowMs
  return { scenario, side, round, done, faults, perSecond, p50Ms, p99Ms, frames: frames / done, cpu }
}

/**
 * Runs every work once per round. Sides of one scenario follow each other directly, and take turns in going first,
 * so that what disturbs the machine disturbs both.
 */
export async function interleave(
  works: readonly Work[],
  rounds: number,
  note: (sample: Sample) => void,
): Promise<Sample[]> {
  const scenarios = [...new Set(works.map((work) => work.scenario))]
  const samples: Sample[] = []
  // What is compiled, cached and created at first use is paid before the first round.
  for (const work of works) await measure(shortened(work), 0)
  for (let round = 1; round <= rounds; round++) {
    for (const scenario of scenarios) {
      const sides = works.filter((work) => work.scenario === scenario)
      for (const work of round % 2 === 1 ? sides : sides.toReversed()) {
        const sample = await measure(work, round)
        samples.push(sample)
        note(sample)
      }
    }
  }
  return samples
}

const firstWindowMs = 2_000

function shortened(work: Work): Work {
  return { ...work, order: { ...work.order, windowMs: Math.min(firstWindowMs, work.order.windowMs) } }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
