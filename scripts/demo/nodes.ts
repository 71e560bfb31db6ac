import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { demoFile, type DemoNodes, readDemoNodes } from '#server/cli/demo-nodes.ts'

/** One company of the demo. */
export type DemoNode = {
  readonly id: string
  readonly port: number
  /** Where browsers and curl find it. */
  readonly url: string
  readonly dataDirectory: string
  /** What its process is told. */
  readonly settings: Readonly<Record<string, string>>
}

const companies = [
  { id: 'acme.localhost', organisation: 'Acme', port: 4000 },
  { id: 'globex.localhost', organisation: 'Globex', port: 4001 },
] as const

export const nodeIds: readonly string[] = companies.map(({ id }) => id)

/** The nodes with a port each: that of the last time, or the usual one, or the next that is free. */
export async function nodesFor(directory: string, say: (sentence: string) => void): Promise<DemoNode[]> {
  const before = readDemoNodes(directory)
  const ports: number[] = []
  for (const { id, port } of companies) {
    const wanted = [Number(before?.[id]?.['PARLEY_PORT'] ?? port), port]
    const chosen = await findPort(wanted, ports)
    if (chosen !== wanted[0]) say(`Port ${wanted[0]} is taken; ${id} listens on ${chosen} instead.`)
    ports.push(chosen)
  }
  const peers = companies.map(({ id }, i) => `${id}=http://127.0.0.1:${ports[i]}`).join(',')
  return companies.map(({ id, organisation }, i) => {
    const port = ports[i]!
    const url = `http://${id}:${port}`
    const dataDirectory = join(directory, id)
    const settings = {
      PARLEY_NODE_ID: id,
      PARLEY_ORGANISATION: organisation,
      PARLEY_PUBLIC_URL: url,
      PARLEY_EMAIL_DOMAINS: id,
      PARLEY_PORT: String(port),
      PARLEY_DATA: dataDirectory,
      PARLEY_DEVELOPMENT_PEERS: peers,
    }
    return { id, port, url, dataDirectory, settings }
  })
}

/** For commands that are told `--node acme`. */
export function recordNodes(directory: string, nodes: readonly DemoNode[]): void {
  const known: DemoNodes = Object.fromEntries(nodes.map(({ id, settings }) => [id, settings]))
  const file = demoFile(directory)
  // Whoever reads at this moment finds the old file or the new one.
  writeFileSync(`${file}.new`, `${JSON.stringify(known, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

// Even for acme and odd for globex, as long as there are some.
const nextPorts = 20

async function findPort(wanted: readonly number[], taken: readonly number[]): Promise<number> {
  const next = Array.from({ length: nextPorts }, (_, i) => wanted.at(-1)! + 2 * (i + 1))
  for (const port of [...wanted, ...next]) {
    if (!taken.includes(port) && (await tryPort(port)) !== undefined) return port
  }
  const any = await tryPort(0)
  if (any === undefined) throw new Error('This machine has no free port on 127.0.0.1.')
  return any
}

/** The port, if it can be listened on now; for 0, one that can. */
async function tryPort(port: number): Promise<number | undefined> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address() as { port: number }
      server.close(() => resolve(found))
    })
  })
}
