import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { demoFile, type DemoNodes, readDemoNodes } from '#server/cli/demo-nodes.ts'
import { findEmbedded, stopEmbedded } from '#server/db/embedded.ts'
import { nodeIds } from '../../scripts/demo/nodes.ts'

/** `npm start` as it is, with its data in a directory of its own. */
export type Demo = {
  readonly pid: number
  /** What it has printed. */
  output(): string
  /** Resolves with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** A directory for a demo, which goes with everything that still runs in it. */
export type DemoHome = AsyncDisposable & {
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
  /** Starts it, and waits for its screen. */
  start(): Promise<Demo>
  nodes(): DemoNodes
  /** The PostgreSQL of a node, if it runs. */
  database(node: string): string | undefined
}

const program = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url))
const quiet = { info() {}, warn() {} }

export async function openDemoHome(): Promise<DemoHome> {
  const ports: Record<string, Record<string, string>> = {}
  const directory = mkdtempSync(join(tmpdir(), 'parley-demo-'))
  // As root, PostgreSQL runs as somebody else, who has to get in.
  chmodSync(directory, 0o711)
  // The test runner's hooks are for its own processes.
  const environment = { ...process.env, NODE_OPTIONS: '', PARLEY_DATA: directory }
  // As if it had run on these ports before: demos that begin at once would both find the usual ones free.
  for (const id of nodeIds) ports[id] = { PARLEY_PORT: String(await freePort()) }
  writeFileSync(demoFile(directory), JSON.stringify(ports))
  const started: Demo[] = []
  return {
    directory,
    environment,
    async start() {
      const demo = await startDemo(environment)
      started.push(demo)
      return demo
    },
    nodes: () => readDemoNodes(directory) ?? {},
    database: (node) => findEmbedded(join(directory, node)),
    async [Symbol.asyncDispose]() {
      for (const demo of started) await demo.stop()
      for (const node of nodeIds) {
        await stopEmbedded({ dataDirectory: join(directory, node), logger: quiet })
      }
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function startDemo(env: NodeJS.ProcessEnv): Promise<Demo> {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const isUp = new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('Ctrl-C stops everything.')) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void ended.then(() => reject(new Error(`The demo ended before it was up:\n${said}`)))
  })
  await isUp
  return {
    pid: child.pid!,
    output: () => said,
    async stop(signal = 'SIGINT') {
      child.kill(signal)
      return await ended
    },
  }
}
