import { attentiveLogger } from '../helpers/attentive-logger.ts'
import { calm, Faults } from './faults.ts'
import type { Monitor } from './monitor.ts'
import { Scheduler } from './scheduler.ts'
import type { Forced } from './decisions.ts'
import type { Product } from './product.ts'
import { SimulatedNode } from './sim-node.ts'
import { Tap } from './tap.ts'
import type { Closure, Loss, SimNode, SimPerson, SimSpace, Watching, World, Wrap } from './parts.ts'

export const unwrapped: Wrap = { http: (http) => http, connections: (connections) => connections }

const hourMs = 60 * 60 * 1000

export type Making = {
  readonly seed: string
  /** The first moment, in virtual time. */
  readonly begin: number
  readonly monitor: Monitor
  /** A database of its own for each node, by name. */
  readonly urls: Readonly<Record<string, string>>
  readonly product: Product
  readonly wrap?: Wrap
  readonly forced?: Forced | undefined
}

/** Everything of one history: nodes, the wires between them, time, faults, and what has been seen. */
export class SimulatedWorld implements World {
  readonly seed: string
  readonly monitor: Monitor
  readonly product: Product
  readonly wrap: Wrap
  readonly scheduler: Scheduler
  readonly faults: Faults
  readonly nodes: readonly SimNode[]
  readonly tap = new Tap(this)
  /** How often a history came to what it is meant to come to. */
  readonly reached = new Map<string, number>()
  readonly people: SimPerson[] = []
  readonly spaces: SimSpace[] = []
  readonly watchers: Watching[] = []
  readonly closures: Closure[] = []
  readonly losses: Loss[] = []
  readonly believed: string[] = []
  readonly invited = new Set<string>()
  /** How much people have done. */
  acts = 0
  /** Answers that something broke. */
  readonly troubles: { readonly status: number; readonly label: string; readonly sentence: string }[] = []
  readonly said = attentiveLogger()
  hasInflated = false
  isOver = false
  /** Before the faults begin, and after they have ended. */
  isCalm = true
  readonly #cuts = new Set<string>()
  readonly #heldUp = new Set<string>()
  readonly #frozen = new Map<string, number>()

  constructor({ seed, begin, monitor, urls, product, wrap = unwrapped, forced }: Making) {
    this.seed = seed
    this.monitor = monitor
    this.product = product
    this.wrap = wrap
    this.scheduler = new Scheduler(seed, begin, forced)
    this.scheduler.io.monitor = monitor
    this.scheduler.rules = {
      fate: (gate) => this.faults.fateOf(gate, this.scheduler.starting.has(gate.of)),
      frozenUntil: (whose) => this.#frozen.get(whose) ?? 0,
    }
    this.faults = new Faults(seed)
    this.nodes = Object.entries(urls).map(([name, url]) => new SimulatedNode(this, name, url))
  }

  nodeOf(id: string): SimNode {
    const node = this.nodes.find((one) => one.id === id)
    if (!node) throw new Error(`There is no node ${id}.`)
    return node
  }

  reach(what: string): void {
    this.reached.set(what, (this.reached.get(what) ?? 0) + 1)
  }

  isCut(from: SimNode, to: SimNode): boolean {
    return this.#cuts.has(`${from.name} ${to.name}`)
  }

  cut(from: SimNode, to: SimNode): void {
    this.#cuts.add(`${from.name} ${to.name}`)
  }

  mend(): void {
    this.#cuts.clear()
  }

  isHeldUp(from: SimNode, to: SimNode): boolean {
    return this.#heldUp.has(`${from.name} ${to.name}`)
  }

  holdUp(from: SimNode, to: SimNode): void {
    this.#heldUp.add(`${from.name} ${to.name}`)
  }

  letThrough(): void {
    this.#heldUp.clear()
  }

  freeze(node: SimNode, until: number): void {
    this.#frozen.set(node.name, until)
  }

  /** All faults end; whoever is down comes back at once. */
  heal(): void {
    this.isCalm = true
    this.faults.swarm = { ...calm, connections: this.faults.swarm.connections }
    this.mend()
    this.letThrough()
    this.#frozen.clear()
    for (const node of this.nodes) node.skew = 0
    if (this.hasInflated) this.scheduler.leap(hourMs)
  }
}
