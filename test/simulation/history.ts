import { openDb, type Db } from '#server/db/open.ts'
import { Activity } from '#server/ports/activity.ts'
import { openLogger } from '#server/ports/logger.ts'
import { type CheckedNode, type Fault, findFaults } from '../helpers/checker.ts'
import { loadReplicas, type Replicas } from '../helpers/checker/load.ts'
import { between } from './chance.ts'
import { Client } from './client.ts'
import { type Decision, force } from './decisions.ts'
import { epilogue } from './epilogue.ts'
import { calm, drawSwarm, type Swarm } from './faults.ts'
import { cloneAll, dropAll, endAll, type Ground, standOn } from './ground.ts'
import { startNemesis } from './nemesis.ts'
import { type Product, product } from './product.ts'
import { probe } from './probe.ts'
import { haveSeenAll, isAtRest } from './rest.ts'
import { judge } from './verdict.ts'
import { work } from './workload.ts'
import type { SimPerson, World, Wrap } from './parts.ts'
import { SimulatedWorld } from './world.ts'

// One history: nodes start on the ground, people work while everything fails, then all faults end and the world has to come to
// rest, with every promise kept (§3.3).

export type Options = {
  readonly seed: number
  readonly steps: number
  readonly zoo?: string | undefined
  /** Goes on after the verdict, in some histories. */
  readonly epilogue?: boolean | undefined
}

export type Report = {
  readonly options: Options
  readonly faults: readonly Fault[]
  readonly decisions: readonly Decision[]
  readonly hash: string
  readonly acts: number
  readonly posts: number
  readonly virtualMs: number
  readonly wallMs: number
  /** Of this process alone; PostgreSQL has its own. */
  readonly cpuMs: number
  readonly restMs: number
  readonly lockWaits: number
  readonly swarm: Swarm
  readonly reached: ReadonlyMap<string, number>
  readonly troubles: World['troubles']
  readonly divergedAt: number | undefined
}

type How = { readonly wrap?: Wrap; readonly product?: Product; readonly replay?: readonly Decision[] }

/** I-20. Production timers: a lane that has failed for long rests for up to a minute before it tries again. */
const restWithinMs = 120_000

export async function runHistory(ground: Ground, options: Options, how: How = {}): Promise<Report> {
  const began = performance.now()
  const cpu = process.cpuUsage()
  const urls = await cloneAll(ground.urls, 'h')
  const forced = how.replay && force(how.replay)
  const seed = String(options.seed)
  const world = new SimulatedWorld({
    seed,
    begin: ground.now,
    monitor: ground.monitor,
    urls,
    product: how.product ?? product,
    ...(how.wrap && { wrap: how.wrap }),
    forced,
  })
  const checked: CheckedNode[] = world.nodes.map(({ id, url }) => ({ id, db: openChecker(url) }))
  try {
    const { faults, clients, restMs } = await run(world, ground, options, checked)
    const { scheduler, reached, acts, troubles } = world
    return {
      options,
      faults,
      decisions: scheduler.decisions,
      hash: scheduler.hash,
      acts,
      posts: clients.reduce((sum, client) => sum + client.posts.length, 0),
      virtualMs: scheduler.now - ground.now,
      wallMs: performance.now() - began,
      cpuMs: spent(cpu),
      restMs,
      lockWaits: scheduler.io.lockWaits,
      swarm: drawSwarm(seed),
      reached,
      troubles,
      divergedAt: forced?.divergedAt,
    }
  } finally {
    await endAll(world)
    for (const { db } of checked) await db.destroy()
    await dropAll(urls)
  }
}

/** Who works: mostly those who have something to decide. */
function eagerness({ faults, spaces }: World, { handle }: SimPerson): number {
  const decides = spaces.some(({ starter }) => starter === handle)
  return faults.roll(`person ${handle}`) + (decides ? 0.5 : 0)
}

function spent(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

function openChecker(url: string): Db {
  return openDb({ url, connectionsMax: 1, activity: new Activity(), logger: openLogger('silent') })
}

async function run(
  world: SimulatedWorld,
  ground: Ground,
  { steps, epilogue: goesOn = false }: Options,
  checked: readonly CheckedNode[],
): Promise<{ faults: Fault[]; clients: Client[]; restMs: number }> {
  const { scheduler, faults } = world
  const swarm = drawSwarm(world.seed)
  faults.swarm = { ...calm, connections: swarm.connections }
  await scheduler.during(standOn(world, ground))
  faults.swarm = swarm
  faults.hadStalls = swarm.stalls > 0 || swarm.pauseEvery > 0
  world.isCalm = false
  for (const node of world.nodes) node.skew = swarm.skewMax * between(faults.roll(`skew ${node.name}`), -1, 1)
  startNemesis(world)
  const count = Math.floor(between(faults.roll('clients'), 5, world.people.length + 1))
  const working = world.people.toSorted((a, b) => eagerness(world, b) - eagerness(world, a)).slice(0, count)
  const clients = working.map((person) => new Client(world, person))
  const pause = between(faults.roll('pause') ** 2, 50, 1_500)
  const each = Math.ceil(steps / clients.length)
  let left = clients.length
  for (const client of clients) void work(client, { steps: each, pause }).finally(() => left--)
  await scheduler.until(() => left === 0, 600_000)
  const during = await findFaults(checked)
  world.heal()
  const healedAt = scheduler.now
  const rest = await comeToRest(world, checked)
  const restMs = scheduler.now - healedAt
  // Read before time goes on: nobody waits for what is read outside of the world.
  const replicas: Replicas = new Map()
  for (const { id, db } of checked) replicas.set(id, await loadReplicas(id, db))
  const probed = await scheduler.during(probe(world, replicas))
  const found = [
    ...during,
    ...probed.faults,
    ...(await judge(world, { clients, nodes: checked, reads: probed.reads })),
  ]
  if (!rest)
    found.push({ id: 'I-20', node: 'all', detail: `there was no rest within ${restWithinMs / 1000} s` })
  for (const detail of new Set(world.said.faults)) found.push({ id: 'I-25', node: 'all', detail })
  // Without a fault of the database or a crash nothing may say that something broke.
  const mayBreak = swarm.statementErrors + swarm.unknownCommits > 0
  if (!mayBreak)
    for (const { label, sentence } of world.troubles)
      found.push({ id: 'I-25', node: label, detail: sentence })
  if (goesOn && found.length === 0) {
    found.push(...(await epilogue(world, checked, async () => await comeToRest(world, checked))))
  }
  return { faults: found, clients, restMs }
}

async function comeToRest(world: World, checked: readonly CheckedNode[]): Promise<boolean> {
  const { scheduler } = world
  const end = scheduler.now + restWithinMs
  while (scheduler.now < end) {
    await scheduler.until(() => false, 1_000)
    const isUp = world.nodes.every((node) => node.isUp)
    if (isUp && (await isAtRest(checked)) && (await haveSeenAll(checked, world.watchers))) return true
  }
  return false
}
