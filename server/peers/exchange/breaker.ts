import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Lane } from '#schema/wire/endpoint.ts'
import { fraction, type Random } from '#server/ports/random.ts'

// What is remembered of how peers answer (G4 to G8): failures since the last answer, whether the breaker is open, and
// which lanes were asked to be left alone. All of it may be lost, and all of it expires.

type Memory = {
  /** When requests failed since the last answer, oldest first; no more than open a breaker. */
  failures: number[]
  /** Set while the breaker is open. */
  open: { probeAt: number; probes: number; triedBy?: string } | undefined
  /** Until when a lane was asked to be left alone. */
  readonly asked: Map<Lane, number>
  heardAt: number
  changedAt: number
}

/** Who looks for a turn: a lane by its name, and whether it carries orders. */
export type Turn = { readonly lane: Lane; readonly name: string; readonly isOrder?: boolean }

/** `answered` also by a refusal, and by a client error of anybody; `failed` by nobody, by garbage or a server error. */
export type Ending = 'answered' | 'failed'

export class Breakers {
  readonly #random: Random
  readonly #peers = new Map<NodeId, Memory>()

  constructor(random: Random) {
    this.#random = random
  }

  get size(): number {
    return this.#peers.size
  }

  /** How long a lane has to leave a peer alone; 0 when it may try. An order is sent to whoever asks for quiet, too. */
  restMs(node: NodeId, lane: Lane, now: number, isOrder = false): number {
    const memory = this.#peers.get(node)
    if (!memory) return 0
    const asked = isOrder ? 0 : (memory.asked.get(lane) ?? 0)
    return Math.max(0, asked - now, (memory.open?.probeAt ?? 0) - now)
  }

  /**
   * The same for work that looks for its turn: while the breaker is open, control goes first, and last of all whoever was
   * the last to try, so that something over which the peer fails keeps nothing else from finding out that it is back.
   */
  turnMs(node: NodeId, { lane, name, isOrder = false }: Turn, now: number): number {
    const rest = this.restMs(node, lane, now, isOrder)
    const open = this.#peers.get(node)?.open
    if (!open) return rest
    const place = open.triedBy === name ? 2 : Number(lane !== 'control')
    const turn = Math.max(rest, open.probeAt + place * limits.breakerTurnMs - now)
    if (turn > 0) return turn
    open.triedBy = name
    return 0
  }

  /** A request begins. Where the breaker is open it is the one that asks, and the next may follow only after a pause. */
  begin(node: NodeId, now: number): void {
    const { open } = this.#peers.get(node) ?? {}
    if (!open) return
    const pause = Math.min(limits.retryDelayMaxMs / 1.25, limits.breakerProbeMinMs * 2 ** open.probes)
    open.probeAt = now + pause * (1 + fraction(this.#random) / 4)
    open.probes = Math.min(open.probes + 1, 20)
  }

  /** A request has ended. Says whether the breaker opened or closed by it. */
  end(node: NodeId, ending: Ending, now: number): 'opened' | 'closed' | undefined {
    const memory = this.#peers.get(node)
    if (ending === 'answered') {
      if (!memory) return undefined
      const wasOpen = memory.open !== undefined
      memory.failures = []
      memory.open = undefined
      if (memory.asked.size === 0) this.#peers.delete(node)
      return wasOpen ? 'closed' : undefined
    }
    const failed = memory ?? this.#remember(node, now)
    failed.changedAt = now
    failed.failures = [...failed.failures.filter((at) => at > now - limits.breakerWindowMs), now]
    if (failed.open || failed.failures.length < limits.breakerFailuresMax) return undefined
    failed.failures = []
    failed.open = { probeAt: 0, probes: 0 }
    this.begin(node, now)
    return 'opened'
  }

  /** A peer asks to be left alone on one lane. */
  ask(node: NodeId, lane: Lane, until: number, now: number): void {
    const memory = this.#peers.get(node) ?? this.#remember(node, now)
    memory.asked.set(lane, until)
    memory.changedAt = now
  }

  /** A peer has spoken: it is tried at once. False when that was so a moment ago. */
  hear(node: NodeId, now: number): boolean {
    const memory = this.#peers.get(node)
    if (!memory?.open) return true
    if (now - memory.heardAt < limits.breakerHeardMs) return false
    memory.heardAt = now
    memory.open.probeAt = 0
    return true
  }

  /** Forgets what is old. */
  expire(now: number): void {
    for (const [node, { changedAt, asked }] of this.#peers) {
      for (const [lane, until] of asked) if (until <= now) asked.delete(lane)
      if (changedAt <= now - limits.breakerKeptMs) this.#peers.delete(node)
    }
  }

  #remember(node: NodeId, now: number): Memory {
    const memory: Memory = {
      failures: [],
      open: undefined,
      asked: new Map(),
      heardAt: Number.NEGATIVE_INFINITY,
      changedAt: now,
    }
    this.#peers.set(node, memory)
    if (this.#peers.size > limits.breakersMax) {
      const [oldest] = this.#peers.keys()
      this.#peers.delete(oldest!)
    }
    return memory
  }
}
