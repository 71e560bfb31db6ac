/** How much may be taken: so much at once, and so much again in every second. */
export type Rate = { readonly perSecond: number; readonly burst: number }

type Bucket = { readonly left: number; readonly at: number; readonly fullAt: number }

/**
 * Token buckets by name, of one process. Full ones are forgotten, and beyond `max` the one that was used least
 * lately: whoever makes up names costs a bounded amount of memory.
 */
export class Buckets<K> {
  readonly #max: number
  readonly #buckets = new Map<K, Bucket>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes `count` and returns 0, or takes nothing and returns the milliseconds until there is enough. */
  take(key: K, rate: Rate, { count = 1, now }: { readonly count?: number; readonly now: number }): number {
    const left = this.#leftOf(key, rate, now)
    if (left < count) return Math.ceil(((count - left) / rate.perSecond) * 1000)
    this.#set(key, rate, left - count, now)
    return 0
  }

  /** Gives one back that was taken for nothing. */
  giveBack(key: K, rate: Rate, now: number): void {
    this.#set(key, rate, Math.min(rate.burst, this.#leftOf(key, rate, now) + 1), now)
  }

  #leftOf(key: K, { perSecond, burst }: Rate, now: number): number {
    const bucket = this.#buckets.get(key)
    if (!bucket) return burst
    return Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1000) * perSecond)
  }

  #set(key: K, { perSecond, burst }: Rate, left: number, now: number): void {
    this.#buckets.delete(key)
    if (left >= burst) return
    this.#buckets.set(key, { left, at: now, fullAt: now + ((burst - left) / perSecond) * 1000 })
    for (const [oldest, { fullAt }] of this.#buckets) {
      if (fullAt > now && this.#buckets.size <= this.#max) return
      this.#buckets.delete(oldest)
    }
  }
}
