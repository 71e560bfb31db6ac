import { setTimeout as wait } from 'node:timers/promises'

/** Time, in milliseconds. Nothing else in the server reads a clock or sets a timer. */
export type Clock = {
  /** Since 1970, by the wall clock. */
  now(): number
  /** Since some moment; never goes back. For durations. */
  mono(): number
  /** Ends early, without an error, when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, signal ? { signal } : {})
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  },
}
