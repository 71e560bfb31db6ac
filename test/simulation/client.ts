import type { Fault } from '../helpers/checker.ts'
import { exponential } from './chance.ts'
import { ask, type Asking, type Reply } from './people.ts'
import type { Loss, Read, SimPerson, World } from './parts.ts'

/** One thing that a person does. */
export type Act = (client: Client) => Promise<void>

/** One message and all that its author was told about it. */
export type Posted = {
  readonly person: SimPerson
  readonly space: string
  readonly key: string
  readonly text: string
  /** Some answer never came: then it may be there or not. */
  isUnknown: boolean
  accepted?: { readonly id: string; readonly seq: number }
  queued?: { readonly id: string }
  refused?: string
  /** How many messages its author had begun when the first answer came that it is taken: those after it stand after it. */
  takenBefore?: number
}

/** What a person's client knows and has been told; what it is told must never go back (I-19). */
export class Client {
  readonly world: World
  readonly person: SimPerson
  readonly known = new Set<string>()
  readonly posts: Posted[] = []
  readonly reads: Read[] = []
  readonly faults: Fault[] = []
  readonly #heads = new Map<string, number>()
  readonly #marks = new Map<string, number>()
  /** How far the client has come. */
  step = 0

  constructor(world: World, person: SimPerson) {
    this.world = world
    this.person = person
  }

  /** Chance, by what it decides in this step. */
  roll(what: string): number {
    return this.world.faults.roll(`${this.person.handle} ${this.step} ${what}`)
  }

  /** What they had to leave, and cannot let go of yet. */
  get lost(): Loss | undefined {
    return this.world.losses.findLast(({ subject, looksLeft }) => subject === this.person.id && looksLeft > 0)
  }

  async ask(asking: Asking): Promise<Reply> {
    return await ask(this.world, this.person, asking)
  }

  async think(mean: number): Promise<void> {
    const { world, person } = this
    await world.scheduler.arrive({
      kind: 'client',
      whose: person.handle,
      label: 'thinks',
      delay: (id) => exponential(world.faults.roll(id), mean),
      of: world,
    })
  }

  /** Asks until something is said; the same key makes it the same wish. */
  async insist(asking: Asking, triesMax = 4): Promise<Reply> {
    for (let tries = 1; ; tries++) {
      const reply = await this.ask(asking)
      const isTold = reply.status !== 'down' && reply.status !== 'unknown'
      if (isTold || tries >= triesMax || this.world.isOver) return reply
      if (reply.status === 'unknown') this.world.reach('client asked again')
      await this.think(200)
    }
  }

  async post(space: string, triesMax: number): Promise<Posted> {
    const name = `${this.person.handle}-${this.posts.length}`
    const posted: Posted = { person: this.person, space, key: name, text: `Words ${name}.`, isUnknown: false }
    this.posts.push(posted)
    await this.send(posted, triesMax)
    return posted
  }

  /** Sends it, or sends it once more under the same key. */
  async send(posted: Posted, triesMax: number): Promise<void> {
    const { space, key, text } = posted
    for (let tries = 1; tries <= triesMax; tries++) {
      const reply = await this.ask({
        method: 'POST',
        url: `/api/spaces/${space}/messages`,
        body: { text },
        key,
      })
      if ('body' in reply) return this.#hear(posted, reply.status, reply.body)
      if (reply.status === 'unknown') posted.isUnknown = true
      await this.think(200)
    }
  }

  #hear(posted: Posted, status: number, body: Record<string, unknown>): void {
    if (status >= 400) {
      posted.refused = String(body['type'])
      return
    }
    const { state, id, seq } = body as { state: string; id: string; seq: number }
    const before = posted.accepted?.id ?? posted.queued?.id
    if (before !== undefined) this.world.reach('same key twice')
    if (before !== undefined && before !== id)
      this.fault('I-01', `the key ${posted.key} made ${before} and ${id}`)
    posted.takenBefore ??= this.posts.length
    if (state === 'accepted') posted.accepted = { id, seq }
    else posted.queued = { id }
  }

  fault(id: Fault['id'], detail: string): void {
    this.faults.push({ id, node: this.person.node.id, detail })
  }

  /**
   * Keeps in mind what was shown. `at`: when it was asked for. A thread that they have started where another company
   * hosts is their own words, and nobody's to take away, until the host's log has come.
   */
  saw(space: string, at: number, { headSeq, seqs }: { headSeq: number; seqs: readonly number[] }): void {
    const { handle } = this.person
    const isOwn = this.world.spaces.some(({ id, starter }) => id === space && starter === handle)
    if (isOwn && headSeq === 0) return
    this.reads.push({ person: this.person, space, at, seqs })
  }

  /** A position that this client was told of: later ones are never behind it. */
  head(space: string, seq: number): void {
    const before = this.#heads.get(space) ?? 0
    if (seq < before) this.fault('I-19', `${this.person.handle} saw ${space} at ${before}, then at ${seq}`)
    this.#heads.set(space, Math.max(seq, before))
  }

  mark(space: string, seq: number): void {
    const before = this.#marks.get(space) ?? 0
    if (seq < before)
      this.fault('I-19', `the mark of ${this.person.handle} in ${space} went from ${before} to ${seq}`)
    this.#marks.set(space, Math.max(seq, before))
  }
}
