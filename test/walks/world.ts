import { sql } from 'kysely'
import type { SpaceId } from '#schema/ids.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { watch, type Watch } from '../helpers/watch.ts'
import type { Around, Due, Ground } from './ground.ts'
import type { Witnessed } from './model.ts'
import { mark, type Name, spaceId } from './names.ts'

// Two nodes on which many walks go on at once, each in spaces of its own. They keep step: everybody does one thing,
// then all wait until nothing more happens, and look around. So the cost of waiting is shared.

const nodeNames = ['acme', 'globex'] as const

export class World implements AsyncDisposable, Around {
  readonly net: Network
  readonly people: Readonly<Record<Name, Person>>
  readonly #grounds = new Set<Ground>()
  readonly #bySpace = new Map<string, Ground>()
  readonly #byMark = new Map<string, Ground>()
  readonly #streams = new Map<string, Watch>()
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = []

  private constructor(net: Network, folks: Readonly<Record<Name, Person>>) {
    this.net = net
    this.people = folks
  }

  static async open(): Promise<World> {
    const net = await network(nodeNames)
    const folks = {
      ann: await net.person('ann', 'acme'),
      ada: await net.person('ada', 'acme'),
      abe: await net.person('abe', 'acme'),
      bob: await net.person('bob', 'globex'),
      bea: await net.person('bea', 'globex'),
    }
    await net.befriend('acme', 'globex')
    const world = new World(net, folks)
    for (const { id, token } of Object.values(folks)) {
      const stream = await watch(world.#nodeOf(id), token, (frame, text) => {
        if ('space' in frame) world.#bySpace.get(frame.space)?.hearFrame(id, frame, text)
      })
      world.#streams.set(id, stream)
    }
    return world
  }

  #nodeOf(user: string) {
    return this.net.node(user.endsWith('@acme.test') ? 'acme' : 'globex')
  }

  streamOf(user: string): Watch {
    return this.#streams.get(user)!
  }

  enter(ground: Ground): void {
    this.#grounds.add(ground)
  }

  own(ground: Ground, what: { readonly space?: string; readonly mark?: string }): void {
    if (what.space !== undefined) this.#bySpace.set(what.space, ground)
    if (what.mark !== undefined) this.#byMark.set(what.mark, ground)
  }

  leave(ground: Ground): void {
    this.#grounds.delete(ground)
    for (const map of [this.#bySpace, this.#byMark])
      for (const [key, owner] of map) if (owner === ground) map.delete(key)
    this.#goOn()
  }

  /** Waits until everybody on a walk waits, and then until nothing more happens. */
  async rest(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#goOn()
    })
  }

  #goOn(): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.#grounds.size) return
    const all = this.#waiting
    this.#waiting = []
    this.#lookAround().then(
      () => all.forEach(({ resolve }) => resolve()),
      (error: unknown) => all.forEach(({ reject }) => reject(error)),
    )
  }

  async #lookAround(): Promise<void> {
    const { clock, wire } = this.net
    await clock.settle()
    await this.#witness()
    // What has to arrive may take its time; what must not be seen is gone by now, or never.
    for (let seconds = 0; ; seconds++) {
      const [late] = await this.#findLate()
      if (!late) break
      if (seconds === 60) throw new Error(`${late.node} has not got ${late.space} up to ${late.head}.`)
      await clock.advance(1_000)
      await this.#witness()
    }
    for (const { from, to, body, answer, method, target } of wire.sightings.splice(0)) {
      this.#hear(to, body, `${method} ${target} from ${from}`)
      this.#hear(from, answer, `answer to ${method} ${target} of ${from}`)
    }
  }

  /** Tells the walks what has come into the logs of their spaces, at the nodes that host them. */
  async #witness(): Promise<void> {
    const heads = [...this.#bySpace].map(([space, ground]) => [space, ground.model.headOf(space)] as const)
    if (heads.length === 0) return
    for (const name of nodeNames) {
      const { db } = this.net.node(name).context
      const { rows } = await sql<Omit<Witnessed, 'content'> & { text: string | null }>`
        select e.space_id as space, e.seq, e.type, e.sender, c.text
        from unnest(${heads.map(([space]) => space)}::text[], ${heads.map(([, head]) => head)}::bigint[]) as known (id, head)
        join space s on s.id = known.id and s.host = ${`${name}.test`}
        join entry e on e.space_id = known.id and e.seq > known.head
        left join content c on c.space_id = e.space_id and c.seq = e.seq
        order by e.at, e.space_id, e.seq
      `.execute(db)
      for (const { text, ...row } of rows) {
        this.#bySpace.get(row.space)?.witness({ ...row, content: text === null ? null : JSON.parse(text) })
      }
    }
  }

  /** What somebody reaches, and their node does not hold up to its end. */
  async #findLate(): Promise<Due[]> {
    const due = [...this.#grounds].flatMap((ground) => ground.dueElsewhere())
    const late: Due[] = []
    for (const name of nodeNames) {
      const here = due.filter(({ node }) => node === `${name}.test`)
      if (here.length === 0) continue
      const rows = await this.net
        .node(name)
        .context.db.selectFrom('space')
        .select(['id', 'headSeq'])
        .where(
          'id',
          'in',
          here.map(({ space }) => space as SpaceId),
        )
        .execute()
      const heads = new Map<string, number>(rows.map(({ id, headSeq }) => [id, headSeq]))
      late.push(...here.filter(({ space, head }) => (heads.get(space) ?? 0) < head))
    }
    return late
  }

  #hear(node: string, text: string, what: string): void {
    const open = unwrapped(text)
    for (const [found] of open.matchAll(mark)) this.#byMark.get(found)?.hearMark(node, found, what)
    for (const [found] of open.matchAll(spaceId)) this.#bySpace.get(found)?.hearSpace(node, found, what)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams.values()) stream.close()
    await this.net[Symbol.asyncDispose]()
  }
}

/** A text with the documents in it that are signed and encoded, as far as they lie inside each other. */
function unwrapped(text: string, depth = 0): string {
  if (depth === 4) return text
  const inner = [...text.matchAll(/eyJ[A-Za-z0-9_-]{16,}/g)].map(([part]) =>
    unwrapped(Buffer.from(part, 'base64url').toString(), depth + 1),
  )
  return [text, ...inner].join('\n')
}
