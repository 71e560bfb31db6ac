import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Cluster, openCluster } from './cluster.ts'
import { cpuMicroseconds, cpuMicrosecondsOfFamily, memoryOf, memoryOfFamily } from './proc.ts'
import type { FloorSettings } from './floor/settings.ts'

// Servers under test: the floor or the product, each a Node process with a PostgreSQL of its own.

export type Station = {
  /** The domain of the node. */
  readonly node: string
  readonly origin: string
  readonly databaseUrl: string
  /** What the process keeps beside its database. */
  readonly directory: string
  usage(): Usage
  memory(): { readonly node: number; readonly database: number }
  /** What the process has printed. */
  output(): string
  stop(): Promise<void>
}

/** Processor time so far, in microseconds: of the Node process, and of PostgreSQL with all its processes. */
export type Usage = { readonly node: number; readonly database: number }

/** For profiles. */
export type StationOptions = {
  /** Parts of a command line before the program. */
  readonly execArgv?: readonly string[]
  /** Settings of PostgreSQL beside its own. */
  readonly databaseSettings?: Readonly<Record<string, string>>
}

const floorProgram = fileURLToPath(new URL('floor.ts', import.meta.url))
const productProgram = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

/** Starts a floor per node, all peers of each other. What is started ends with the stack. */
export async function startFloors(stack: AsyncDisposableStack, nodes: readonly string[]): Promise<Station[]> {
  const members = await Promise.all(
    nodes.map(async (node) => {
      const port = await freePort()
      return { node, port, origin: `http://127.0.0.1:${port}`, ...newKeys() }
    }),
  )
  return await Promise.all(
    members.map(async (member) => {
      const cluster = await own(stack, await openCluster())
      const peers = members.filter((other) => other !== member)
      const { node, port, privateKey } = member
      const settings: FloorSettings = { node, port, privateKey, peers, databaseUrl: cluster.url }
      const env = { FLOOR: JSON.stringify(settings) }
      return await start(stack, member, cluster, { program: floorProgram, env })
    }),
  )
}

/** Starts a product node per name, which know of each other as npm start's do. */
export async function startProducts(
  stack: AsyncDisposableStack,
  nodes: readonly string[],
  { execArgv = [], databaseSettings = {} }: StationOptions = {},
): Promise<Station[]> {
  const members = await Promise.all(
    nodes.map(async (node) => {
      const port = await freePort()
      return { node, port, origin: `http://127.0.0.1:${port}` }
    }),
  )
  const peers = members.map(({ node, origin }) => `${node}=${origin}`).join(',')
  return await Promise.all(
    members.map(async (member) => {
      const cluster = await own(stack, await openCluster(databaseSettings))
      const env = {
        PARLEY_NODE_ID: member.node,
        PARLEY_PORT: `${member.port}`,
        PARLEY_PUBLIC_URL: member.origin,
        PARLEY_DATA: cluster.directory,
        PARLEY_DEVELOPMENT_PEERS: peers,
        // A few people write for thousands.
        PARLEY_EVENTS_PER_SECOND: '10000',
        DATABASE_URL: cluster.url,
      }
      return await start(stack, member, cluster, { program: productProgram, env, execArgv })
    }),
  )
}

type Member = { readonly node: string; readonly origin: string }
type Program = {
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  readonly execArgv?: readonly string[]
}

/** An interrupt may come while something starts: then it ends at once. */
async function own<T extends { stop(): Promise<void> }>(stack: AsyncDisposableStack, started: T): Promise<T> {
  if (stack.disposed) {
    await started.stop()
    throw new Error('The benchmark was interrupted.')
  }
  stack.defer(async () => await started.stop())
  return started
}

async function start(
  stack: AsyncDisposableStack,
  { node, origin }: Member,
  cluster: Cluster,
  { program, env, execArgv = [] }: Program,
): Promise<Station> {
  const outputPath = join(cluster.directory, 'output.log')
  const output = openSync(outputPath, 'w')
  const child = spawn(process.execPath, [...execArgv, program], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const pid = child.pid!
  const read = (): string => readFileSync(outputPath, 'utf8')
  const station = await own(stack, {
    node,
    origin,
    databaseUrl: cluster.url,
    directory: cluster.directory,
    usage: () => ({ node: cpuMicroseconds(pid), database: cpuMicrosecondsOfFamily(cluster.pid) }),
    memory: () => ({ node: memoryOf(pid), database: memoryOfFamily(cluster.pid) }),
    output: read,
    stop: async () => await end(child, cluster),
  })
  await becomesReady(origin, child, read)
  return station
}

const pollMs = 50
const startMsMax = 30_000

async function becomesReady(origin: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let waitedMs = 0; waitedMs < startMsMax; waitedMs += pollMs) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`A server ended at once:\n${output()}`)
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await sleep(pollMs)
  }
  throw new Error(`A server does not get ready:\n${output()}`)
}

/** May be called twice. */
async function end(child: ChildProcess, cluster: Cluster): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
  }
  await cluster.stop()
}

/** A port that was free a moment ago; the nodes have to be told of each other's before they start. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

function newKeys(): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  }
}
