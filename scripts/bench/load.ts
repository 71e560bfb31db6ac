import { post } from './load/post.ts'
import type { Order, Report, Tally } from './load/order.ts'
import { openWatch, type Watch } from './load/watch.ts'
import { Pool } from 'undici'

// The load, in a process of its own so that its work is not counted as a server's. A closed loop: a fixed number of
// messages is under way at any time, and the next one leaves when one has arrived. `driver.ts` starts it.

process.on('message', (order: Order) => void work(order).catch(breakOff))

async function work(order: Order): Promise<void> {
  const watch = order.watch ? await openWatch(order.watch, order.spaces) : undefined
  const pool = new Pool(order.origin, { connections: order.inFlight, keepAliveTimeout: 60_000 })
  let state: 'warm-up' | 'window' | 'over' = 'warm-up'
  const delaysMs: number[] = []
  let faults = 0

  async function slot(number: number): Promise<void> {
    const space = order.spaces[number % order.spaces.length]!
    const token = order.tokens[number % order.tokens.length]!
    while (state !== 'over') {
      const begun = performance.now()
      const seq = await post(pool, { space, token })
      if (seq !== undefined && order.until === 'seen') await watch!.seen(space, seq)
      if (state !== 'window') continue
      if (seq === undefined) faults++
      else delaysMs.push(performance.now() - begun)
    }
  }

  const slots = Array.from(
    { length: order.inFlight },
    async (_, number) => await slot(number).catch(breakOff),
  )
  await pass(order.warmUpMs)
  const framesBefore = watch?.frames ?? 0
  state = 'window'
  say({ state: 'begins' })
  await pass(order.windowMs)
  state = 'over'
  say({ state: 'ends', tally: tallyOf(delaysMs, faults, watch, framesBefore) })
  await Promise.all(slots)
  await pool.close()
  watch?.close()
  say({ state: 'drained' })
}

function tallyOf(delaysMs: number[], faults: number, watch: Watch | undefined, framesBefore: number): Tally {
  const sorted = delaysMs.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  const frames = (watch?.frames ?? 0) - framesBefore
  return { done: sorted.length, faults, frames, p50Ms: at(0.5), p99Ms: at(0.99) }
}

function breakOff(error: unknown): never {
  console.error(`The load broke off: ${String(error)}`)
  process.exit(1)
}

function say(report: Report): void {
  process.send!(report)
}

async function pass(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}
