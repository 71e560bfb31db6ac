import type { Monitor } from './monitor.ts'

// What is under way outside of JavaScript: statements that PostgreSQL runs. One at a time is let go, so one comes
// back at a time; except those that wait for a lock, which come back when another's COMMIT lets them. What has come
// back is handed on in a fixed order, once everything that can come back has.

type Running = { readonly key: string; readonly pid: () => number | undefined; isBlocked: boolean }
type Finished = { readonly key: string; readonly hand: () => void }

/** Turns of the event loop without news after which nothing more is to come. */
const quietTurns = 8
// On a busy machine most statements take a while without waiting for anybody.
const firstLookMs = 40
const laterLookMs = 80

export class Io {
  monitor: Monitor | undefined
  readonly #running = new Set<Running>()
  #finished: Finished[] = []
  #news: (() => void) | undefined
  /** How often somebody waited for a lock of somebody else's. */
  lockWaits = 0

  /** Follows one piece of work; what it comes to is handed on by `settle`. `isWanted`: nobody may be there any more. */
  async follow<T>(
    about: {
      readonly key: string
      readonly pid?: () => number | undefined
      readonly isWanted?: () => boolean
    },
    work: Promise<T>,
  ): Promise<T> {
    const { key, pid = () => undefined, isWanted = () => true } = about
    const running: Running = { key, pid, isBlocked: false }
    this.#running.add(running)
    return await new Promise<T>((resolve, reject) => {
      const end = (hand: () => void): void => {
        this.#running.delete(running)
        if (isWanted()) this.#finished.push({ key, hand })
        this.#news?.()
      }
      work.then(
        (value) => end(() => resolve(value)),
        (error: unknown) => end(() => reject(error)),
      )
    })
  }

  /** Nobody waits for these any more: their node has died. */
  forget(isTheirs: (key: string) => boolean): void {
    for (const running of this.#running) if (isTheirs(running.key)) this.#running.delete(running)
    this.#finished = this.#finished.filter(({ key }) => !isTheirs(key))
  }

  /** Comes back when nothing moves unless a gate is opened. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < quietTurns;) {
      await new Promise(setImmediate)
      quiet++
      if (this.#running.size > 0 && [...this.#running].some((one) => !one.isBlocked)) {
        await this.#comeBack()
        quiet = 0
      }
      if (this.#finished.length === 0) continue
      await this.#unblocked()
      const finished = this.#finished.toSorted((a, b) => (a.key < b.key ? -1 : 1))
      this.#finished = []
      for (const { hand } of finished) hand()
      quiet = 0
    }
  }

  /** Waits until each piece of work has come back, or waits for a lock. */
  async #comeBack(): Promise<void> {
    for (let look = firstLookMs; [...this.#running].some((one) => !one.isBlocked); look = laterLookMs) {
      const isBack = await this.#newsWithin(look)
      if (!isBack) await this.#lookAtLocks()
    }
  }

  /** What has come back may have let others go. */
  async #unblocked(): Promise<void> {
    if (![...this.#running].some((one) => one.isBlocked)) return
    await this.#lookAtLocks()
    await this.#comeBack()
  }

  async #newsWithin(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => resolve(false), ms)
    this.#news = () => resolve(true)
    const isBack = await promise
    clearTimeout(timer)
    this.#news = undefined
    return isBack
  }

  async #lookAtLocks(): Promise<void> {
    const running = [...this.#running]
    const pids = running.flatMap((one) => one.pid() ?? [])
    const blocked = new Set(await this.monitor?.blocked(pids))
    for (const one of running) {
      const isBlocked = blocked.has(one.pid() ?? 0)
      if (isBlocked && !one.isBlocked) this.lockWaits++
      one.isBlocked = isBlocked
    }
  }
}
