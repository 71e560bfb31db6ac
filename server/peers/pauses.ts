import type { NodeId } from '#schema/ids.ts'
import type { Random } from '#server/ports/random.ts'
import { retryDelayMs } from './backoff.ts'

const perNodeMax = 1_000

/** What of a peer's is left alone for a while, so that the rest of it goes on: one space, one order. */
export class Pauses<What> {
  readonly #random: Random
  readonly #nodes = new Map<NodeId, Map<What, { readonly failures: number; readonly until: number }>>()

  constructor(random: Random) {
    this.#random = random
  }

  has(node: NodeId, what: What, now: number): boolean {
    return (this.#nodes.get(node)?.get(what)?.until ?? 0) > now
  }

  /** It did not work: not again for as long as they say, or for longer each time. */
  begin(node: NodeId, what: What, now: number, askedMs?: number): void {
    const paused = this.#nodes.get(node) ?? new Map<What, { failures: number; until: number }>()
    const failures = (paused.get(what)?.failures ?? 0) + 1
    if (!paused.has(what) && paused.size >= perNodeMax) return
    paused.set(what, { failures, until: now + (askedMs ?? retryDelayMs(failures, this.#random)) })
    this.#nodes.set(node, paused)
  }

  end(node: NodeId, what: What): void {
    const paused = this.#nodes.get(node)
    paused?.delete(what)
    if (paused?.size === 0) this.#nodes.delete(node)
  }

  /** The peer is back from somewhere: everything is tried at once. */
  endAll(node: NodeId): void {
    this.#nodes.delete(node)
  }
}
