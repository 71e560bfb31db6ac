/**
 * Counts what is under way outside our own code: statements, requests, hashing. Virtual time may move only
 * when this is zero; the graceful stop waits for it too.
 */
export class Activity {
  #busy = 0

  get busy(): number {
    return this.#busy
  }

  async track<T>(work: Promise<T>): Promise<T> {
    this.#busy++
    try {
      return await work
    } finally {
      this.#busy--
    }
  }
}
