import type { Clock } from '#server/ports/clock.ts'

/** Time that a test moves by hand, over years if need be. Whoever sleeps, sleeps until the node stops. */
export type HandClock = Clock & { pass(ms: number): void }

export function handClock(): HandClock {
  let now = 1_800_000_000_000
  return {
    now: () => now,
    mono: () => now,
    pass(ms) {
      now += ms
    },
    async sleep(_ms, signal) {
      if (signal?.aborted) return
      await new Promise<void>((resolve) => {
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    },
  }
}
