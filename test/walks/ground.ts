import assert from 'node:assert/strict'
import type { StreamFrame } from '#schema/stream.ts'
import type { Answer, Person } from '../helpers/person.ts'
import type { SeenEntry } from '../helpers/spaces.ts'
import type { Watch } from '../helpers/watch.ts'
import { Model, type Reach, type Witnessed } from './model.ts'
import { mark, type Name, people } from './names.ts'

// One walk: its spaces, what came of the last step, and whether everybody was told what is theirs, and no more.

/** `seq` is undefined as long as the text stands in no log. */
type Marked = { space: string; seq?: number | 'title'; author: string }
type View = { isOpen: boolean; last: number }
type Step = { readonly who: Name; readonly what: string; readonly expects: (entry: Witnessed) => boolean }
/** The world, as a walk needs it. */
export type Around = {
  readonly people: Readonly<Record<Name, Person>>
  streamOf(user: string): Watch
  enter(ground: Ground): void
  own(ground: Ground, what: { readonly space?: string; readonly mark?: string }): void
  leave(ground: Ground): void
  rest(): Promise<void>
}

/** What a node was told, and by which request. */
type Heard = { readonly node: string; readonly mark?: string; readonly space?: string; readonly what: string }

/** What a node has to hold, and up to where. */
export type Due = { readonly node: string; readonly space: string; readonly head: number }
export type Invited = { readonly id: string; readonly space: string; readonly whom: Name }

export class Ground {
  readonly model = new Model()
  readonly invited: Invited[] = []
  readonly world: Around
  readonly number: number
  readonly #marks = new Map<string, Marked>()
  #before = new Map<string, Reach>()
  /** How far somebody who was removed in this step may still have seen. */
  readonly #ends = new Map<string, number>()
  readonly #told: { user: string; text: string; what: string }[] = []
  readonly #heard: Heard[] = []
  readonly #views = new Map<string, View>()
  readonly #everNear = new Set<string>()
  #news: Witnessed[] = []
  #faults: string[] = []

  constructor(world: Around, number: number) {
    this.world = world
    this.number = number
    world.enter(this)
  }

  person(name: Name): Person {
    return this.world.people[name]
  }

  reach(name: Name, space: string): Reach | undefined {
    return this.model.reach(this.person(name).id, space)
  }

  /** A text that is found again wherever it goes. */
  mark(space: string, author: Name, seq?: 'title'): string {
    const text = `mk${this.number}x${this.#marks.size}`
    this.#marks.set(text, { space, author: this.person(author).id, ...(seq ? { seq } : {}) })
    this.world.own(this, { mark: text })
    return text
  }

  /** A space whose id is known only now. */
  own(space: string, title: string): void {
    this.#marks.get(title)!.space = space
    this.world.own(this, { space })
  }

  async ask(
    name: Name,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: unknown,
  ): Promise<Answer> {
    const answer = await this.person(name).ask(method, url, body)
    this.#told.push({
      user: this.person(name).id,
      text: JSON.stringify(answer.body),
      what: `${method} ${url}`,
    })
    return answer
  }

  hearFrame(user: string, frame: StreamFrame, text: string): void {
    this.#told.push({ user, text, what: 'stream' })
    const view = 'space' in frame ? this.#views.get(`${user} ${frame.space}`) : undefined
    if (!view) return
    if (frame.type === 'ended') view.isOpen = false
    if (frame.type !== 'entries') return
    for (const { seq } of frame.entries) {
      if (!view.isOpen || (view.last > 0 && seq !== view.last + 1)) {
        this.#faults.push(`${user} is sent ${seq} behind ${view.last} of ${frame.space}`)
      }
      view.last = seq
    }
  }

  hearMark(node: string, found: string, what: string): void {
    this.#heard.push({ node, mark: found, what })
  }

  hearSpace(node: string, space: string, what: string): void {
    this.#heard.push({ node, space, what })
  }

  witness(entry: Witnessed): void {
    this.model.fold(entry)
    this.#news.push(entry)
    const text = this.model.spaces.get(entry.space)!.texts[entry.seq - 1]
    const marked = text === undefined ? undefined : this.#marks.get(text)
    if (marked) marked.seq = entry.seq
    if (/^member\.(?:leave|remove)$/.test(entry.type)) {
      this.#ends.set(`${String(entry.content?.['user'])} ${entry.space}`, entry.seq)
    }
  }

  /** The spaces that other nodes than their host have to hold by now. */
  dueElsewhere(): Due[] {
    const due = [...this.model.spaces.values()].flatMap(({ id, host, texts }) =>
      ['acme.test', 'globex.test']
        .filter((node) => node !== host && this.model.nodeReaches(node, id, this.#ids))
        .map((node) => ({ node, space: id, head: texts.length })),
    )
    return due
  }

  get #ids(): string[] {
    return people.map((name) => this.person(name).id)
  }

  /** Waits until nothing more happens, and judges what did: `steps` says what may have come into the logs. */
  async rest(steps: readonly Step[]): Promise<Witnessed[]> {
    await this.world.rest()
    const news = this.#news
    this.#news = []
    for (const entry of news) {
      if (entry.type.startsWith('node.') || steps.some(({ expects }) => expects(entry))) continue
      const { type, seq, space, sender, content } = entry
      const asked = steps.map(({ what }) => what).join('; ')
      assert.fail(
        `Nobody who may has asked for ${type} ${seq} of ${space} by ${sender}: ${JSON.stringify(content)}. Asked: ${asked}.`,
      )
    }
    this.#noteNearness()
    for (const told of this.#told.splice(0)) this.#judgeTold(told)
    for (const heard of this.#heard.splice(0)) this.#judgeHeard(heard)
    assert.deepEqual(this.#faults, [])
    const changed = this.#changes()
    this.#judgeViews()
    for (const [name, space] of changed) await this.look(name, space)
    this.#turn()
    return news
  }

  #turn(): void {
    this.#ends.clear()
    this.#before = new Map()
    for (const id of this.model.spaces.keys())
      for (const user of this.#ids) {
        const reach = this.model.reach(user, id)
        if (reach) this.#before.set(`${user} ${id}`, reach)
      }
  }

  #noteNearness(): void {
    for (const { id, host, invites, named } of this.model.spaces.values()) {
      this.#everNear.add(`${host} ${id}`)
      // The letter shows the genesis, and that names the groups that the thread was begun with.
      for (const node of invites.values())
        for (const near of [id, ...named]) this.#everNear.add(`${node} ${near}`)
      for (const node of ['acme.test', 'globex.test'])
        if (this.model.nodeReaches(node, id, this.#ids))
          for (const near of [id, ...named]) this.#everNear.add(`${node} ${near}`)
    }
  }

  /** Before the step or after it; what came while they were being removed is theirs up to their removal. */
  #maySee(user: string, space: string, seq: number): boolean {
    const [before, after] = [this.#before.get(`${user} ${space}`), this.model.reach(user, space)]
    if (after && after.from <= seq) return true
    return (
      before !== undefined && before.from <= seq && seq <= (this.#ends.get(`${user} ${space}`) ?? Infinity)
    )
  }

  #mayKnow(user: string, space: string): boolean {
    if (this.#maySee(user, space, Infinity) || this.#before.has(`${user} ${space}`)) return true
    if (this.invited.some((one) => one.space === space && this.person(one.whom).id === user)) return true
    // Whom a thread addresses stands beside it.
    return [...this.model.spaces.values()].some(
      ({ id, groups }) =>
        groups.has(space) && (this.model.reach(user, id) ?? this.#before.get(`${user} ${id}`)),
    )
  }

  #judgeTold({ user, text, what }: { user: string; text: string; what: string }): void {
    for (const [found] of text.matchAll(mark)) {
      const marked = this.#marks.get(found)
      // In a list there is also what belongs to other walks.
      if (!marked) continue
      const { space, seq, author } = marked
      const isTheirs = author === user && seq === undefined
      const may =
        seq === 'title' ? this.#mayKnow(user, space) : seq !== undefined && this.#maySee(user, space, seq)
      assert.ok(
        may || isTheirs,
        `LEAK: ${what} told ${user} of ${found} (${seq ?? 'in no log'} of ${space}).`,
      )
    }
  }

  #judgeHeard({ node, mark: found, space: named, what }: Heard): void {
    if (named !== undefined) {
      assert.ok(
        this.#everNear.has(`${node} ${named}`),
        `LEAK: ${node} heard of the space ${named} by ${what}.`,
      )
    }
    const marked = found === undefined ? undefined : this.#marks.get(found)
    if (!marked) return
    const { space, seq, author } = marked
    const host = this.model.spaces.get(space)?.host
    if (node === host || author.endsWith(`@${node}`)) return
    const ofNode = this.#ids.filter((user) => user.endsWith(`@${node}`))
    const may =
      seq === 'title'
        ? this.#everNear.has(`${node} ${space}`)
        : seq !== undefined && ofNode.some((user) => this.#maySee(user, space, seq))
    assert.ok(may, `LEAK: ${node} was sent ${found} (${seq ?? 'in no log'} of ${space}) by ${what}.`)
  }

  /** Who has come to see a space, or sees it no longer, or from another place on. */
  #changes(): [Name, string][] {
    return [...this.model.spaces.keys()].flatMap((id) =>
      people
        .filter((name) => {
          const key = `${this.person(name).id} ${id}`
          return this.#before.get(key)?.from !== this.reach(name, id)?.from
        })
        .map((name): [Name, string] => [name, id]),
    )
  }

  /** Streams have shown all that there is, and are over where the access is. */
  #judgeViews(): void {
    for (const [key, view] of this.#views) {
      const [user = '', space = ''] = key.split(' ')
      const reach = this.model.reach(user, space)
      if (!view.isOpen) continue
      assert.ok(reach, `LEAK: the stream of ${user} on ${space} is still open.`)
      assert.equal(view.last, this.model.headOf(space), `the stream of ${user} on ${space} has stopped`)
    }
  }

  follow(name: Name, space: string): void {
    const { id } = this.person(name)
    const key = `${id} ${space}`
    if (this.#views.get(key)?.isOpen) return
    this.#views.set(key, { isOpen: true, last: 0 })
    this.world.streamOf(id).ask({ type: 'subscribe', space: space as never, after: 0 })
  }

  /** Looks at a space as somebody: exactly what is theirs, and not a word when nothing is. */
  async look(name: Name, space: string): Promise<void> {
    const answer = await this.person(name).ask('GET', `/api/spaces/${space}/entries?limit=200`)
    const reach = this.reach(name, space)
    if (!reach) {
      assert.equal(answer.status, 404, `LEAK: ${name} reads ${space}: ${JSON.stringify(answer.body)}`)
      return
    }
    assert.equal(answer.status, 200, `${name} is refused ${space}`)
    const { entries } = answer.body as unknown as { entries: SeenEntry[] }
    const seen = entries.map(({ seq, content }) => [seq, content?.['text']])
    const { texts } = this.model.spaces.get(space)!
    const expected = texts.map((text, i) => [i + 1, text]).slice(reach.from - 1)
    assert.deepEqual(seen, expected, `LEAK or loss: ${name} in ${space} from ${reach.from}`)
  }

  /** Everything once more, as everybody; then the walk is over. */
  async finish(): Promise<void> {
    for (const space of this.model.spaces.keys()) for (const name of people) await this.look(name, space)
  }

  leave(): void {
    for (const key of this.#views.keys()) {
      const [user = '', space = ''] = key.split(' ')
      this.world.streamOf(user).ask({ type: 'unsubscribe', space: space as never })
    }
    this.world.leave(this)
  }
}
