import type { Fault } from '../helpers/checker.ts'
import type { SimPerson, Watching, World } from './parts.ts'

// Somebody who watches a space through a stream, again after every break, from the last position they have. What they
// are given has to be the log, in its order, without a gap and without a repeat (I-18).

type Frame = {
  readonly type: string
  readonly space?: string
  readonly code?: string
  readonly entries?: readonly { readonly seq: number; readonly id: string }[]
}

/** After these a client asks again. */
const passes = new Set(['storage-unavailable', 'busy', 'internal'])

export class Watcher implements Watching {
  readonly person: SimPerson
  readonly space: string
  position = 0
  /** A stream is open, and has not been told that it ended. */
  isOpen = false
  readonly seen: { readonly seq: number; readonly id: string; readonly at: number }[] = []
  readonly jumps: { readonly after: number; readonly to: number }[] = []
  readonly faults: Fault[] = []
  readonly #world: World

  constructor(world: World, person: SimPerson, space: string) {
    this.#world = world
    this.person = person
    this.space = space
  }

  /** Until the space is closed to them. */
  async run(): Promise<void> {
    const { scheduler } = this.#world
    for (let i = 0; !this.#world.isOver; i++) {
      if ((await this.#watchOnce(i)) === 'ended') return
      await scheduler.arrive({
        kind: 'client',
        whose: this.person.handle,
        label: 'watches again',
        delay: 300,
        of: this.#world,
      })
    }
  }

  async #watchOnce(attempt: number): Promise<'ended' | 'broken'> {
    const life = this.person.node.life
    if (!life?.running || life.isOver) return 'broken'
    const { actorOfToken, openStream } = this.#world.product
    const actor = await Promise.race([
      actorOfToken(life.context, this.person.token).catch(() => undefined),
      life.died,
    ])
    if (actor === undefined || actor === 'died') return 'broken'
    const closed = Promise.withResolvers<'ended' | 'broken'>()
    const socket = {
      bufferedAmount: 0,
      send: (text: string) => {
        if (life.isOver) return
        const end = this.#take(JSON.parse(text) as Frame)
        if (end) closed.resolve(end)
      },
      close: () => closed.resolve('broken'),
    }
    const stream = openStream(life.context, life.hub, actor, socket)
    this.isOpen = true
    stream.receive(JSON.stringify({ type: 'subscribe', space: this.space, after: this.position }))
    if (attempt > 0) this.#world.reach('stream resumed')
    const end = await Promise.race([closed.promise, life.died.then(() => 'broken' as const)])
    this.isOpen = false
    if (!life.isOver) stream.end()
    return end
  }

  #take({ type, space, code, entries = [] }: Frame): 'ended' | 'broken' | undefined {
    if (type === 'ended' && space === this.space) return passes.has(code!) ? 'broken' : 'ended'
    if (type !== 'entries') return undefined
    const first = entries[0]?.seq ?? 0
    if (first > this.position + 1) {
      this.jumps.push({ after: this.position, to: first })
      this.position = first - 1
    }
    for (const { seq, id } of entries) {
      if (seq !== this.position + 1) {
        const detail = `${this.person.handle} was shown ${seq} of ${this.space} after ${this.position}`
        this.faults.push({ id: 'I-18', node: this.person.node.id, detail })
      }
      this.position = Math.max(this.position, seq)
      this.seen.push({ seq, id, at: this.#world.scheduler.now })
    }
    return undefined
  }
}
