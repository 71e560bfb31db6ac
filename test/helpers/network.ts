import type pg from 'pg'
import type { Http } from '#federation/transport/http.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Config } from '#server/config.ts'
import type { Context } from '#server/context.ts'
import { hearPeer } from '#server/peers/exchange/reach.ts'
import { openNode } from '#server/node.ts'
import { openDb } from '#server/db/open.ts'
import { Activity } from '#server/ports/activity.ts'
import { openLogger } from '#server/ports/logger.ts'
import type { Keys } from '#server/ports/keys.ts'
import { type MarkFile, memoryMark } from '#server/ports/mark-file.ts'
import { memoryKeys } from '#server/ports/node-keys.ts'
import { attentiveLogger } from './attentive-logger.ts'
import { type Check, findFaults, tell } from './checker.ts'
import { VirtualClock } from './clock.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { noting } from './noting.ts'
import { joinNode, type NodeUnderTest, type Person } from './person.ts'
import { seededRandom } from './random.ts'
import { exchangesOf } from './records.ts'
import { copyOf, keepPlace, putBack, type Restoring } from './restore.ts'
import { Wire } from './wire.ts'

// Whole nodes in one process, each with its own database, joined by a wire that does what the test says, under one
// clock that moves only when nothing else does.

export type Network = AsyncDisposable & {
  readonly clock: VirtualClock
  readonly wire: Wire
  node(name: string): NodeUnderTest
  /** Signs somebody up; the first of a node owns its workspace. */
  person(handle: string, node: string): Promise<Person>
  /** Introduction and approval on both sides, by the owners. */
  befriend(a: string, b: string): Promise<void>
  cut(a: string, b: string): void
  heal(a: string, b: string): void
  /** As if a request had come: whoever was away says by it that it is back. */
  hear(node: string, from: string): void
  /** Sets a node's clock so far off the common one. */
  skew(node: string, ms: number): void
  /** The process dies: nothing that it has not committed is done, and nothing is said to anybody. */
  crash(node: string): Promise<void>
  /** Starts again on the same database. */
  restart(node: string): Promise<void>
  /** The url of its database. */
  databaseOf(node: string): string
  /** A copy of its database as it is now. The node is down for it. */
  backup(node: string): Promise<TestDatabase>
  /** Its whole machine is copied, and the copy started where nobody reaches it, while it goes on itself. */
  clone(node: string): Promise<Clone>
  /** Puts a copy in the place of its database, with or without the mark beside it. The node is up again when it returns. */
  restore(node: string, backup: TestDatabase, how?: Restoring): Promise<void>
  /** Lets time pass until the condition holds; fails the test by throwing when it does not within that time. */
  eventually(what: string, condition: () => Promise<boolean>, withinMs?: number): Promise<void>
}

/** A copy of a node, with what it has sent. */
export type Clone = AsyncDisposable & {
  readonly context: Context
  readonly app: NodeUnderTest['app']
  sent(): readonly { readonly to: string; readonly target: string }[]
}

type Running = { context: Context; stop: () => Promise<void>; people: Person[] } & NodeUnderTest

/** What is different for some nodes, by their names. */
type Settings = Readonly<Record<string, Partial<Config>>>

type Options = {
  /** The invariants that the test breaks itself, by playing a node that does not mean well. */
  readonly except?: Check['except']
  readonly settings?: Settings
  /** What a connection to the database is, when it is not always to be had. */
  readonly client?: typeof pg.Client
}

export async function network(
  names: readonly string[],
  { except = [], settings = {}, client }: Options = {},
): Promise<Network> {
  const clock = new VirtualClock()
  const wire = new Wire(clock.view())
  const skews = new Map<string, number>()
  const databases = new Map<string, Awaited<ReturnType<typeof createTestDatabase>>>()
  const marks = new Map<string, MarkFile>()
  const keys = new Map<string, Keys>()
  const nodes = new Map<string, Running>()
  const said = attentiveLogger()

  async function open(name: string, machine: { url: string; mark: MarkFile; http: Http; life: string }) {
    const id = idOf(name)
    const activity = new Activity()
    clock.include(activity)
    const node = await openNode(
      { ...configOf(id, machine.url), ...settings[name] },
      {
        activity,
        clock: clock.view(() => skews.get(name) ?? 0),
        random: seededRandom(`${id} ${clock.now}${machine.life}`),
        http: machine.http,
        keys: keys.get(name)!,
        logger: said.logger,
        mark: machine.mark,
        client: noting(() => clock.note(), client),
      },
    )
    node.start()
    return node
  }

  async function start(name: string): Promise<void> {
    const id = idOf(name)
    const machine = { url: databases.get(name)!.url, mark: marks.get(name)!, http: wire.httpOf(id), life: '' }
    const node = await open(name, machine)
    wire.join(id, node.app)
    const people = nodes.get(name)?.people ?? []
    nodes.set(name, { id, app: node.app, context: node.context, stop: node.stop, people })
  }

  for (const name of names) {
    databases.set(name, await createTestDatabase())
    marks.set(name, memoryMark())
    keys.set(name, memoryKeys(Buffer.from(name.padEnd(32, '.'))))
    await start(name)
  }

  const get = (name: string): Running => {
    const node = nodes.get(name)
    if (!node) throw new Error(`There is no node ${name}.`)
    return node
  }
  async function crash(name: string): Promise<void> {
    const node = get(name)
    wire.leave(node.id)
    await clock.during(node.stop())
  }
  const ownerOf = (name: string): Person => {
    const [owner] = get(name).people
    if (!owner) throw new Error(`Nobody owns ${name} yet.`)
    return owner
  }
  const eventually: Network['eventually'] = async (what, condition, withinMs) => {
    if (await clock.until(condition, withinMs)) return
    const story = await Promise.all(
      [...nodes].map(async ([name, { context }]) => await troublesOf(name, context)),
    )
    throw new Error([`It never came to this: ${what}.`, ...story.flat()].join('\n'))
  }

  return {
    clock,
    wire,
    node: get,
    eventually,
    cut: (a, b) => wire.cut(idOf(a), idOf(b)),
    skew: (name, ms) => skews.set(name, ms),
    heal: (a, b) => wire.heal(idOf(a), idOf(b)),
    hear: (name, from) => hearPeer(get(name).context, idOf(from) as NodeId),
    async person(handle, name) {
      const node = get(name)
      const person = await joinNode(() => get(name), node.people[0], handle)
      node.people.push(person)
      return person
    },
    async befriend(a, b) {
      await ownerOf(a).ok('POST', '/api/peers', { node: idOf(b) })
      const isAsked = async (): Promise<boolean> =>
        (await ownerOf(b).get<{ peers: { node: string }[] }>('/api/peers')).peers.some(
          (p) => p.node === idOf(a),
        )
      await eventually(`${b} hears of ${a}`, isAsked)
      await ownerOf(b).ok('POST', `/api/peers/${idOf(a)}/approve`)
      await eventually(`${a} and ${b} are partners`, async () => {
        const views = await Promise.all([stateOf(ownerOf(a), b), stateOf(ownerOf(b), a)])
        return views.every((state) => state === 'partner')
      })
      // What happens when a third company arrives is tried where it is the matter, not everywhere.
      for (const owner of [ownerOf(a), ownerOf(b)]) {
        const policy = await owner.get<object>('/api/policies')
        await owner.ok('PUT', '/api/policies', { ...policy, transitive: 'allow' })
      }
    },
    crash,
    restart: start,
    databaseOf: (name) => databases.get(name)!.url,
    async backup(name) {
      await crash(name)
      const copy = await copyOf(databases.get(name)!)
      await start(name)
      return copy
    },
    async clone(name) {
      await crash(name)
      const copy = await copyOf(databases.get(name)!)
      await keepPlace(copy)
      const mark = memoryMark()
      mark.write(marks.get(name)!.read()!)
      await start(name)
      const way = wire.httpOf(idOf(name))
      const sent: { to: string; target: string }[] = []
      const http: Http = {
        ...way,
        send: async (request, signal) => {
          sent.push({ to: new URL(request.origin).hostname, target: request.target })
          return await way.send(request, signal)
        },
      }
      const node = await open(name, { url: copy.url, mark, http, life: ' copy' })
      return {
        context: node.context,
        app: node.app,
        sent: () => sent,
        async [Symbol.asyncDispose]() {
          await clock.during(node.stop())
          await copy[Symbol.asyncDispose]()
        },
      }
    },
    async restore(name, backup, how = {}) {
      await crash(name)
      await putBack(databases.get(name)!, backup, how)
      if (how.mark === 'gone') marks.set(name, memoryMark())
      await start(name)
    },
    async [Symbol.asyncDispose]() {
      await clock.during(
        Promise.all([...nodes.values()].map(async (node) => await node.stop())).then(() => undefined),
      )
      const urls = [...databases].map(([name, { url }]) => ({ id: idOf(name), url }))
      const faults = await faultsOf(urls, except)
      for (const database of databases.values()) await database[Symbol.asyncDispose]()
      if (faults !== '') throw new Error(faults)
      if (said.faults.length > 0) throw new Error(`A node has a fault of its own.\n${said.faults.join('\n')}`)
    },
  }
}

/** What the invariants say of the databases that a test leaves behind. */
async function faultsOf(
  databases: readonly { readonly id: string; readonly url: string }[],
  except: NonNullable<Check['except']>,
): Promise<string> {
  const logger = openLogger('silent')
  const nodes = databases.map(({ id, url }) => ({
    id,
    db: openDb({ url, connectionsMax: 1, activity: new Activity(), logger }),
  }))
  try {
    return tell(await findFaults(nodes, { except }))
  } finally {
    for (const { db } of nodes) await db.destroy()
  }
}

/** What a node's federation log and alarms say about why something did not come to pass. */
async function troublesOf(name: string, context: Context): Promise<string[]> {
  const failed = (await exchangesOf(context)).filter(({ verdict }) => verdict !== 'accepted')
  const exchanges = failed
    .slice(-8)
    .map(({ direction, peer, method, route, status, code, reason, detail }) => {
      return { direction, peer, method, route, status, code, reason, detail }
    })
  const events = await context.db.selectFrom('securityEvent').select(['kind', 'detail']).limit(8).execute()
  return [...exchanges, ...events].map((row) => `${name}: ${Object.values(row).join(' ')}`)
}

async function stateOf(viewer: Person, name: string): Promise<string | undefined> {
  const { peers } = await viewer.get<{ peers: { node: string; state: string }[] }>('/api/peers')
  return peers.find((peer) => peer.node === idOf(name))?.state
}

export function idOf(name: string): string {
  return `${name}.test`
}

function configOf(node: string, databaseUrl: string): Config {
  return {
    node: node as Config['node'],
    publicUrl: new URL(`https://${node}`),
    baseUrl: `https://${node}/federation`,
    listen: { host: '127.0.0.1', port: 0 },
    trustedProxies: ['loopback'],
    dataDirectory: '/nonexistent',
    databaseUrl,
    // Each of them has its plans to make anew, in databases that live for seconds. Two can still stand in each
    // other's way; a test of a crowd asks for more, and the simulation draws how many.
    databaseConnections: 2,
    logLevel: 'silent',
    organisation: undefined,
    backupDays: 30,
    // Tests write faster than people.
    eventsPerUser: { perSecond: 10_000, burst: 10_000 },
    developmentPeers: undefined,
    mail: undefined,
    emailDomains: [],
    drainMs: 0,
    passwordCost: { memory: 64, passes: 1, parallelism: 1 },
    version: 'test',
  }
}
