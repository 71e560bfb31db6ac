import type { Context } from '#server/context.ts'

/**
 * What a process remembers on behalf of one node: caches, counters, queues. All of it may be lost. Several nodes
 * may live in one process, so it hangs on what each of them has for itself.
 */
export function perNode<T>(create: (context: Context) => T): (context: Context) => T {
  const kept = new WeakMap<object, T>()
  return (context) => {
    const known = kept.get(context.tasks)
    if (known !== undefined) return known
    const created = create(context)
    kept.set(context.tasks, created)
    return created
  }
}

/** A map that forgets what was not set for longest, so that ten thousand made-up names cost no memory. */
export class Bounded<K, V> {
  readonly #max: number
  readonly #entries = new Map<K, V>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  set(key: K, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#max) return
    const [oldest] = this.#entries.keys()
    this.#entries.delete(oldest!)
  }

  delete(key: K): void {
    this.#entries.delete(key)
  }
}
