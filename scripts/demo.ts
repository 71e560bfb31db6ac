import { setTimeout as sleep } from 'node:timers/promises'
import { demoDirectory } from '#server/cli/demo-nodes.ts'
import { clearUnfinished, isSeeded, noteSeeded, prepareDemo } from './demo/directory.ts'
import { type DemoNode, nodesFor, recordNodes } from './demo/nodes.ts'
import { startNode, type Running } from './demo/process.ts'
import { screenOf } from './demo/screen.ts'
import { seed } from './seed.ts'

// npm start. Two companies on this machine that federate: a process and a PostgreSQL each, with people in them.
// Whatever of it is killed, the next start finds its way.

const startedAt = performance.now()
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks twice means now; the nodes notice that we are gone and stop by themselves.
    if (interruption.signal.aborted) process.exit(1)
    interruption.abort()
  })
}

// A terminal that is closed hears nothing more, and the rest goes on in order.
process.stdout.on('error', () => {})

const running: Running[] = []
try {
  await run()
} catch (error) {
  if (!interruption.signal.aborted) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
} finally {
  if (running.length > 0) say('Stopping: the nodes first, then their databases.')
  await Promise.all(running.map(async (node) => await node.stop()))
  if (running.length > 0) say('Stopped.')
}
process.exit()

async function run(): Promise<void> {
  const directory = demoDirectory(process.env)
  const release = await prepareDemo(directory, say)
  const isFirst = !isSeeded(directory)
  if (isFirst) await clearUnfinished(directory)
  const nodes = await nodesFor(directory, say)
  recordNodes(directory, nodes)
  say(`Starting ${nodes.map(({ id }) => id).join(' and ')}${isFirst ? ', for the first time here' : ''}.`)
  for (const node of nodes) running.push(startNode(node, directory))
  await Promise.all(running.map(async (node) => await becomesReady(node)))
  const healthyAt = seconds()
  if (isFirst) {
    await Promise.race([fill(nodes), ...running.map(async (node) => await failure(node))])
    noteSeeded(directory)
  }
  console.log(screenOf({ nodes, directory, healthyAt, seededAt: isFirst ? seconds() : undefined }))
  await Promise.race([interrupted(), ...running.map(async (node) => await failure(node))])
  release()
}

async function fill(nodes: readonly DemoNode[]): Promise<void> {
  const { signal } = interruption
  const links = await Promise.all(running.map(async (node) => await node.ownerLink(signal)))
  const seeded = nodes.map((node, i) => ({ ...node, ownerLink: links[i]! }))
  await seed(seeded, say, signal)
}

async function becomesReady(node: Running): Promise<void> {
  await Promise.race([node.ready(interruption.signal), failure(node)])
  say(`${node.id} is healthy.`)
}

/** Never returns: throws when the node ends by itself. */
async function failure(node: Running): Promise<never> {
  const end = await node.ended
  // On an interruption everything ends, and that is no failure.
  if (interruption.signal.aborted) await sleep(2 ** 30)
  throw new Error(
    `${node.id} ended by itself: ${end}. The last it said, in ${node.logFile}:\n\n${node.lastWords()}`,
  )
}

async function interrupted(): Promise<void> {
  const { signal } = interruption
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

function seconds(): number {
  return (performance.now() - startedAt) / 1000
}

function say(sentence: string): void {
  console.log(`${seconds().toFixed(1).padStart(5)} s  ${sentence}`)
}
