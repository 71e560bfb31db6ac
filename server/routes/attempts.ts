import type { Clock } from '#server/ports/clock.ts'

// Counts attempts by the Clock of Context, which the plugin's own store does not know. A key that nobody uses is
// dropped when the table is full, oldest first, so a flood of made-up keys costs a bounded amount of memory.

type Window = { current: number; readonly startedAt: number }
type Callback = (error: Error | null, result?: { current: number; ttl: number }) => void

const keysMax = 10_000

export function attemptStore(clock: Clock) {
  return class Attempts {
    readonly #windows = new Map<string, Window>()

    incr(key: string, done: Callback, windowMs: number): void {
      const now = clock.now()
      const known = this.#windows.get(key)
      const isOver = !known || known.startedAt + windowMs <= now
      const window = isOver ? { current: 0, startedAt: now } : known
      window.current++
      this.#windows.delete(key)
      this.#windows.set(key, window)
      if (this.#windows.size > keysMax) this.#windows.delete(this.#windows.keys().next().value!)
      done(null, { current: window.current, ttl: window.startedAt + windowMs - now })
    }

    // Every route that is limited counts for itself.
    child(): Attempts {
      return new Attempts()
    }
  }
}
