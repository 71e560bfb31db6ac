import type { Activity } from '#server/ports/activity.ts'
import type { Clock } from '#server/ports/clock.ts'

// Time that moves only when nothing else does: no statement, no request and no hashing is under way, and every
// task waits for time. Then it jumps to the next moment that anybody waits for.

type Timer = { readonly at: number; readonly order: number; readonly fire: () => void }

const unaskedMaxMs = 1000

export class VirtualClock {
  #now = 1_800_000_000_000
  #order = 0
  readonly #timers = new Set<Timer>()
  readonly #activities = new Set<Activity>()
  #changes = 0

  /** The clock of one node, as far off the common one as it says. */
  view(skew: () => number = () => 0): Clock {
    return {
      now: () => Math.floor(this.#now + skew()),
      mono: () => this.#now,
      sleep: async (ms, signal) => await this.#sleep(ms, signal),
    }
  }

  get now(): number {
    return this.#now
  }

  /** Time waits for this too. */
  include(activity: Activity): void {
    this.#activities.add(activity)
  }

  /** Something was written or sent: what somebody waits for may have come about. */
  note(): void {
    this.#changes++
  }

  /** Runs until only time is missing. */
  async settle(): Promise<void> {
    // Some turns in a row must pass without anything under way: one may lie between two statements.
    for (let quiet = 0; quiet < 12;) {
      await new Promise(setImmediate)
      quiet = this.#isBusy() ? 0 : quiet + 1
      if (quiet === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  /** Lets time pass, firing whatever falls due, in order. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.settle()
    for (let next = this.#next(); next && next.at <= until; next = this.#next()) {
      this.#fire(next)
      await this.settle()
    }
    this.#now = until
  }

  /** Time passes and nothing is done in it, as in a machine that was asleep: what fell due meanwhile is done once, now. */
  async leap(ms: number): Promise<void> {
    await this.settle()
    this.#now += ms
    await this.advance(0)
  }

  /**
   * Lets time pass until the condition holds. Fails when that takes longer than `withinMs` of virtual time. It is asked
   * when something has changed, and now and then for what time alone brings about: after every timer would be most
   * of what a test does.
   */
  async until(condition: () => Promise<boolean>, withinMs = 60_000): Promise<boolean> {
    const deadline = this.#now + withinMs
    for (let asked = -1, askedAt = this.#now; ;) {
      await this.settle()
      const next = this.#next()
      const isLast = !next || next.at > deadline
      if (asked !== this.#changes || this.#now - askedAt >= unaskedMaxMs || isLast) {
        asked = this.#changes
        askedAt = this.#now
        if (await condition()) return true
        await this.settle()
      }
      const due = this.#next()
      if (!due || due.at > deadline) return false
      this.#fire(due)
    }
  }

  /** Lets time pass until the work is done, for what may itself wait for time. */
  async during(work: Promise<void>): Promise<void> {
    let done = false
    const end = work.finally(() => (done = true))
    while (!done) {
      await this.settle()
      const next = this.#next()
      if (!done && next) this.#fire(next)
    }
    await end
  }

  #isBusy(): boolean {
    return [...this.#activities].some((activity) => activity.busy > 0)
  }

  #next(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    }
    return first
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer)
    this.#now = Math.max(this.#now, timer.at)
    timer.fire()
  }

  async #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.#timers.delete(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer: Timer = { at: this.#now + ms, order: this.#order++, fire: end }
      this.#timers.add(timer)
      signal?.addEventListener('abort', end, { once: true })
    })
  }
}
