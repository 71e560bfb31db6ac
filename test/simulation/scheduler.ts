import { hash } from 'node:crypto'
import { type Chance, chanceOf } from './chance.ts'
import { Io } from './io.ts'
import type { Decision, Forced } from './decisions.ts'
import type { Alive, Arrival, Fate, Gate, Rules } from './gates.ts'

// Who goes next. Everything that a node does waits at gates: before a statement, a COMMIT, a send, a receive, an
// answer, a timer. When nothing runs any more the gate whose time has come first is opened, alone, and time moves
// there. So a history is a list of gates, and the same list is the same history.

const startLooksMax = 60_000

const forever: Alive = { isOver: false }

export class Scheduler {
  readonly io = new Io()
  readonly decisions: Decision[] = []
  /** Set by the history once there are faults. */
  rules: Rules = { fate: () => 'run', frozenUntil: () => 0 }
  /** Lives that are being started: they also read files, which nobody counts. */
  readonly starting = new Set<Alive>()
  readonly #chance: Chance
  readonly #forced: Forced | undefined
  readonly #gates = new Set<Gate>()
  readonly #counts = new Map<string, number>()
  readonly #begin: number
  #now: number

  constructor(seed: string, begin: number, forced?: Forced) {
    this.#begin = begin
    this.#now = begin
    this.#chance = chanceOf(seed, 'schedule')
    this.#forced = forced
  }

  get now(): number {
    return this.#now
  }

  /** Waits at a gate. Never comes back when whoever waits is over by then. */
  async arrive({ kind, whose, label, delay, of, signal }: Arrival): Promise<Fate> {
    if (signal?.aborted) return 'run'
    const name = `${whose} ${kind} ${label}`
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    const id = `${name}#${count}`
    return await new Promise<Fate>((resolve) => {
      const leave = (): void => {
        this.#gates.delete(gate)
        resolve('run')
      }
      const open = (fate: Fate): void => {
        signal?.removeEventListener('abort', leave)
        resolve(fate)
      }
      const order = this.#chance(`${id} order`)
      const due = this.#now + (typeof delay === 'number' ? delay : delay(id))
      const gate: Gate = { id, kind, whose, due, order, of, open }
      this.#gates.add(gate)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** A wait that nobody can take away. */
  async wait(whose: string, label: string, delay: number): Promise<void> {
    await this.arrive({ kind: 'nemesis', whose, label, delay, of: forever })
  }

  /** Opens gates until the condition holds; false when that takes longer than `ms` of virtual time. */
  async until(condition: () => boolean, ms = Infinity): Promise<boolean> {
    const end = this.#now + ms
    for (;;) {
      await this.#settle()
      if (condition()) return true
      const gate = this.#next()
      if (!gate || this.#dueOf(gate) > end) {
        if (Number.isFinite(end)) this.#now = end
        return false
      }
      this.#open(gate)
    }
  }

  /** Time goes on at once; what was due meanwhile comes now, in its turn. */
  leap(ms: number): void {
    this.#now += ms
  }

  /** Runs the work to its end, letting everything else go on too. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const settled = work.finally(() => (isDone = true))
    settled.catch(() => undefined)
    if (!(await this.until(() => isDone))) throw new Error('Everything waits for something that never comes.')
    return await settled
  }

  /** The whole history in one number: the same for the same gates in the same order at the same times. */
  get hash(): string {
    return hash('sha256', this.decisions.map((decision) => decision.join(' ')).join('\n'), 'hex').slice(0, 16)
  }

  async #settle(): Promise<void> {
    await this.io.settle()
    // Who starts and waits for no statement is reading something. What it has begun to wait for besides does not count:
    // time must not go on before it has started. Unless it is that it waits for, which takes a while to be sure of.
    for (
      let looks = 0;
      looks < startLooksMax && [...this.starting].some((life) => !this.#isAsking(life));
      looks++
    ) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      await this.io.settle()
    }
  }

  #isAsking(life: Alive): boolean {
    return [...this.#gates].some(({ of, kind }) => of === life && kind !== 'timer')
  }

  #open(gate: Gate): void {
    this.#gates.delete(gate)
    this.#forced?.open(gate)
    if (gate.of.isOver) return
    this.#now = Math.max(this.#now, this.#dueOf(gate))
    const fate = this.#forced?.fateOf(gate.id) ?? this.rules.fate(gate, this.#now)
    this.decisions.push([Math.round((this.#now - this.#begin) * 1000) / 1000, gate.id, fate])
    gate.open(fate)
  }

  #dueOf(gate: Gate): number {
    return Math.max(gate.due, this.rules.frozenUntil(gate.whose))
  }

  #next(): Gate | undefined {
    let first: Gate | undefined
    let due = Infinity
    for (const gate of this.#gates) {
      if (gate.of.isOver) {
        this.#gates.delete(gate)
        continue
      }
      const its = this.#dueOf(gate)
      if (its > due || (its === due && gate.order > first!.order)) continue
      first = gate
      due = its
    }
    return first && (this.#forced?.choose(this.#gates) ?? first)
  }
}
