import { SimulatedLife } from './life.ts'
import { memoryMark } from '#server/ports/mark-file.ts'
import { testConfig } from '../helpers/node.ts'
import { between } from './chance.ts'
import type { Life, SimNode, World } from './parts.ts'

/** A node through all its lives: its name, its database and its clock stay. */
export class SimulatedNode implements SimNode {
  readonly name: string
  readonly id: string
  readonly url: string
  /** How far its clock is off. */
  skew = 0
  life: Life | undefined
  /** Beside its database. */
  readonly mark = memoryMark()
  #lives = 0
  readonly #world: World

  constructor(world: World, name: string, url: string) {
    this.#world = world
    this.name = name
    this.id = `${name}.test`
    this.url = url
  }

  get isUp(): boolean {
    return this.life?.running !== undefined && !this.life.isOver
  }

  async start(): Promise<void> {
    const life = new SimulatedLife(this.#world, this, ++this.#lives)
    this.life = life
    try {
      await life.open(this.#config())
    } catch (error) {
      // A start that failed ends the process; whoever supervises it starts it again.
      if (life.isOver) return
      await life.end()
      if (this.#world.isCalm) throw error
      this.#world.reach('start that failed')
      this.comeBack()
    }
  }

  /** Starts again after a while. */
  comeBack(): void {
    const { scheduler, faults, isCalm } = this.#world
    const roll = faults.roll(`${this.name} back ${this.#lives}`)
    const delay = isCalm ? 10 : between(roll ** 2, 20, 6_000)
    void scheduler.wait(this.name, 'restart', delay).then(async () => {
      if (!this.#world.isOver) await this.start()
    })
  }

  #config(): ReturnType<typeof testConfig> {
    const { id } = this
    return {
      ...testConfig(id as never),
      publicUrl: new URL(`https://${id}`),
      baseUrl: `https://${id}/federation`,
      databaseUrl: this.url,
      databaseConnections: this.#world.faults.swarm.connections,
    }
  }
}
