/** Lets so many pieces of work run at once, lets so many wait in order, and turns the rest away. */
export type Gate = {
  /** Returns undefined, at once, when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T> | undefined
}

export function openGate(bounds: { readonly atOnceMax: number; readonly queuedMax: number }): Gate {
  const queue: (() => void)[] = []
  let running = 0

  async function pass<T>(work: () => Promise<T>): Promise<T> {
    if (running >= bounds.atOnceMax) await new Promise<void>((go) => queue.push(go))
    else running++
    try {
      return await work()
    } finally {
      // Who waits longest takes the place over, so nobody slips in between.
      const next = queue.shift()
      if (next) next()
      else running--
    }
  }

  return {
    run(work) {
      const full = running >= bounds.atOnceMax && queue.length >= bounds.queuedMax
      return full ? undefined : pass(work)
    },
  }
}
