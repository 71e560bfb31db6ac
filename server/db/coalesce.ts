type Waiter<K, V> = {
  readonly key: K
  readonly settle: (value: V) => void
  readonly fail: (error: unknown) => void
}

const keysAtOnceMax = 500

/**
 * Group reading, the counterpart of group commit. What is asked for while a lookup is under way is looked up
 * together in the next one, so a burst of a hundred questions costs two statements. Every lookup begins after
 * its question was asked and nothing is kept, so an answer is never older than the question.
 *
 * `load` answers in the order of its keys, which may repeat.
 */
export function coalesce<K, V>(load: (keys: readonly K[]) => Promise<readonly V[]>): (key: K) => Promise<V> {
  let waiting: Waiter<K, V>[] = []
  let underWay = false

  async function run(): Promise<void> {
    underWay = true
    // What the same turn of the event loop asks for goes into the same lookup.
    await Promise.resolve()
    while (waiting.length > 0) {
      const group = waiting.slice(0, keysAtOnceMax)
      waiting = waiting.slice(keysAtOnceMax)
      await answer(group)
    }
    underWay = false
  }

  async function answer(group: readonly Waiter<K, V>[]): Promise<void> {
    try {
      const values = await load(group.map((waiter) => waiter.key))
      for (const [i, waiter] of group.entries()) waiter.settle(values[i]!)
    } catch (error) {
      for (const waiter of group) waiter.fail(error)
    }
  }

  return (key) =>
    new Promise((settle, fail) => {
      waiting.push({ key, settle, fail })
      if (!underWay) void run()
    })
}
