import { createDatabase, databaseName, dropDatabase, withDatabase } from '../../scripts/test/database.ts'
import { beginSpaces } from './beginnings.ts'
import type { Monitor } from './monitor.ts'
import { befriendAll, settle } from './people.ts'
import { product } from './product.ts'
import type { SimPerson, SimSpace, World } from './parts.ts'
import { SimulatedWorld } from './world.ts'

// What all histories stand on: three workspaces that are partners, people, two spaces with people of every node. It is
// made once, without a fault, by the product as it is; each history starts its nodes on copies of the databases.

export type Ground = AsyncDisposable & {
  readonly monitor: Monitor
  /** The databases to be copied, by the names of the nodes. */
  readonly urls: Readonly<Record<string, string>>
  readonly people: readonly (Omit<SimPerson, 'node'> & { readonly node: string })[]
  readonly spaces: readonly (Omit<SimSpace, 'host'> & { readonly host: string })[]
  /** When it was ready, in virtual time. */
  readonly now: number
}

const names = ['acme', 'globex', 'initech']
const handles = ['ann', 'ben', 'cy']
const begin = 1_800_000_000_000
/** After the last act: everything that follows from it has gone its way. */
const afterMs = 6_000

/** `template`: a migrated database without anything in it. */
export async function openGround(template: string, monitor: Monitor): Promise<Ground> {
  await using made = new AsyncDisposableStack()
  const urls = await cloneAll(Object.fromEntries(names.map((name) => [name, template])), 'ground')
  made.defer(async () => await dropAll(urls))
  const world = new SimulatedWorld({ seed: 'ground', begin, monitor, urls, product })
  await world.scheduler.during(prepare(world))
  await world.scheduler.until(() => false, afterMs)
  await endAll(world)
  const ground = {
    monitor,
    urls,
    people: world.people.map((person) => ({ ...person, node: person.node.name })),
    spaces: world.spaces.map((space) => ({ ...space, host: space.host.name })),
    now: world.scheduler.now,
  }
  const kept = made.move()
  return { ...ground, [Symbol.asyncDispose]: async () => await kept.disposeAsync() }
}

async function prepare(world: World): Promise<void> {
  for (const node of world.nodes) await node.start()
  for (const node of world.nodes) {
    for (const handle of handles) await settle(world, node, `${handle}-${node.name}`)
  }
  await befriendAll(world)
  await beginSpaces(world)
}

/** The nodes of a history, on the ground, and who is there. */
export async function standOn(world: SimulatedWorld, { people, spaces }: Ground): Promise<void> {
  const nodeOf = (name: string): World['nodes'][number] => world.nodes.find((node) => node.name === name)!
  for (const node of world.nodes) await node.start()
  world.people.push(...people.map((person) => ({ ...person, node: nodeOf(person.node) })))
  world.spaces.push(...spaces.map((space) => ({ ...space, host: nodeOf(space.host) })))
}

/** Every node dies, and with it what it still had in mind. */
export async function endAll(world: SimulatedWorld): Promise<void> {
  world.isOver = true
  for (const { life } of world.nodes) if (life) await world.scheduler.during(life.end())
}

/** A copy of each database. */
export async function cloneAll(
  templates: Readonly<Record<string, string>>,
  purpose: string,
): Promise<Record<string, string>> {
  const urls: Record<string, string> = {}
  for (const [name, template] of Object.entries(templates)) {
    const url = withDatabase(template, `${databaseName(template)}_${purpose}_${name}`)
    await dropDatabase(url)
    await createDatabase(url, databaseName(template))
    urls[name] = url
  }
  return urls
}

export async function dropAll(urls: Readonly<Record<string, string>>): Promise<void> {
  for (const url of Object.values(urls)) await dropDatabase(url)
}
