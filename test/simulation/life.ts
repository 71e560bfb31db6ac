import type { Hub } from '#server/realtime/hub.ts'
import type { Context } from '#server/context.ts'
import type { Config } from '#server/config.ts'
import type { Node } from '#server/node.ts'
import type { Clock } from '#server/ports/clock.ts'
import { memoryKeys } from '#server/ports/node-keys.ts'
import { openWake, type Wake } from '#server/ports/wake.ts'
import { seededRandom } from '../helpers/random.ts'
import { connectionsOf } from './connection.ts'
import { httpOf } from './link.ts'
import type { Fate } from './gates.ts'
import type { Life, SimNode, World } from './parts.ts'

// One life of a node: from a start to a crash. What belongs to a life that is over never comes back from its gates,
// so a crash is: nothing that the node had in mind is done, and nothing is said to anybody.

export class SimulatedLife implements Life {
  isOver = false
  readonly world: World
  readonly node: SimNode
  readonly number: number
  /** Settles when this life ends: who waits for an answer from it hears a reset. */
  readonly died: Promise<'died'>
  readonly #die: (died: 'died') => void
  readonly #connections: (() => number | undefined)[] = []
  #hub: Hub | undefined
  running: Node | undefined

  constructor(world: World, node: SimNode, number: number) {
    this.world = world
    this.node = node
    this.number = number
    const { promise, resolve } = Promise.withResolvers<'died'>()
    this.died = promise
    this.#die = resolve
  }

  get context(): Context {
    return this.running!.context
  }

  /** What the node's own streams are served from, for the watchers. */
  get hub(): Hub {
    return (this.#hub ??= this.world.product.openHub(this.context))
  }

  async open(config: Config): Promise<void> {
    const { world, node } = this
    world.scheduler.starting.add(this)
    const opening = world.product.openNode(config, {
      clock: this.#clock(),
      random: seededRandom(`${world.seed} ${node.id} ${this.number}`),
      http: world.wrap.http(httpOf(this), this),
      wake: this.#wake(),
      keys: memoryKeys(Buffer.from(node.name.padEnd(32, '.'))),
      mark: node.mark,
      logger: world.said.logger,
      client: world.wrap.connections(connectionsOf(this), this),
    })
    const opened = await opening.finally(() => world.scheduler.starting.delete(this))
    opened.start()
    this.running = opened
  }

  /** Keeps a connection in mind, to be ended with this life, and names it. */
  keep(pid: () => number | undefined): string {
    this.#connections.push(pid)
    return `${this.#prefix} ${String(this.#connections.length).padStart(4, '0')}`
  }

  /** The gate before a statement. */
  async statement(isCommit: boolean, label: string): Promise<Fate> {
    const { faults } = this.world
    return await this.pass({
      kind: isCommit ? 'commit' : 'statement',
      label,
      delay: (id) => faults.statementDelay(id),
    })
  }

  async pass(at: {
    readonly kind: 'statement' | 'commit' | 'send' | 'receive' | 'answer' | 'timer'
    readonly label: string
    readonly delay: number | ((id: string) => number)
    readonly signal?: AbortSignal | undefined
  }): Promise<Fate> {
    if (this.isOver) return await new Promise(() => undefined)
    const fate = await this.world.scheduler.arrive({ ...at, whose: this.node.name, of: this })
    return fate === 'crash' ? await this.crash() : fate
  }

  /** Ends here and now. Never comes back to whoever it happens to. */
  async crash(): Promise<never> {
    await this.end()
    this.world.reach('crash')
    if (!this.running) this.world.reach('crash while starting')
    this.node.comeBack()
    return await new Promise(() => undefined)
  }

  async end(): Promise<void> {
    if (this.isOver) return
    this.isOver = true
    this.world.scheduler.starting.delete(this)
    const { io } = this.world.scheduler
    io.forget((key) => key.startsWith(`${this.#prefix} `))
    const pids = this.#connections.flatMap((pid) => pid() ?? [])
    await io.follow({ key: `end ${this.#prefix}` }, this.world.monitor.end(pids))
    this.#die('died')
  }

  get #prefix(): string {
    return `${this.node.name}/${this.number}`
  }

  #clock(): Clock {
    const { scheduler } = this.world
    const { node } = this
    return {
      now: () => Math.floor(scheduler.now + node.skew),
      mono: () => scheduler.now,
      sleep: async (ms, signal) => {
        await this.pass({ kind: 'timer', label: 'sleep', delay: ms, signal })
      },
    }
  }

  /** Wake-ups may be lost and may come twice. */
  #wake(): Wake {
    const wake = openWake()
    const { faults } = this.world
    let count = 0
    return {
      ...wake,
      signal: (topic) => {
        const name = `${this.#prefix} wake ${count++}`
        if (this.isOver) return
        if (faults.isWakeUpLost(name)) return this.world.reach('wake-up lost')
        wake.signal(topic)
        if (faults.isWakeUpDoubled(name)) wake.signal(topic)
      },
    }
  }
}
