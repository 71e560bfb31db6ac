import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stopEmbedded } from '#server/db/embedded.ts'
import { ask } from './ask.ts'
import { makeDirectory } from './directory.ts'
import type { DemoNode } from './nodes.ts'

/** The process of one node. */
export type Running = {
  readonly id: string
  readonly logFile: string
  /** How it went, when it has. */
  readonly ended: Promise<string>
  ready(signal: AbortSignal): Promise<void>
  /** The one-time link that a new node says, a moment after it is ready. */
  ownerLink(signal: AbortSignal): Promise<string>
  lastWords(): string
  /** Lets it drain and stop its database. Also puts away the database of one that was killed. */
  stop(): Promise<void>
}

const program = fileURLToPath(new URL('../demo-node.ts', import.meta.url))
const pollMs = 50
const lastLines = 15
const quiet = { info() {}, warn() {} }

export function startNode(node: DemoNode, directory: string): Running {
  const { id, dataDirectory } = node
  makeDirectory(dataDirectory)
  const logFile = join(dataDirectory, 'node.log')
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.previous`)
  const output = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    env: { ...plainEnvironment(), ...node.settings, NODE_COMPILE_CACHE: join(directory, 'cache') },
    // The channel tells it when we are gone.
    stdio: ['ignore', output, output, 'ipc'],
    // Ctrl-C reaches every process of the group, and this one is told by us when it is time.
    detached: true,
  })
  closeSync(output)
  let isOver = false
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  }).finally(() => (isOver = true))
  const said = (): string => readFileSync(logFile, 'utf8')

  return {
    id,
    logFile,
    ended,
    async ready(signal) {
      // Its own word first: on a port that was lost to somebody else, somebody else would answer.
      while (!isOver && !(said().includes(' listens on ') && (await isReady(node)))) {
        signal.throwIfAborted()
        await sleep(pollMs)
      }
    },
    async ownerLink(signal) {
      for (;;) {
        const link = /^http\S+#join=\S+$/m.exec(said())?.[0]
        if (link !== undefined) return link
        signal.throwIfAborted()
        await sleep(pollMs)
      }
    },
    lastWords: () => said().trimEnd().split('\n').slice(-lastLines).join('\n'),
    async stop() {
      if (!isOver) child.kill('SIGTERM')
      await ended
      await stopEmbedded({ dataDirectory, logger: quiet })
    },
  }
}

async function isReady(node: DemoNode): Promise<boolean> {
  try {
    return (await ask(node, { method: 'GET', path: '/readyz' })).status === 200
  } catch {
    return false
  }
}

/** Ours without what would make another node of it, or another Node: test runners leave hooks. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const isForUs = (name: string): boolean =>
    /^(?:PARLEY_|DATABASE_URL|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForUs(name)))
}
