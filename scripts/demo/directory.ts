import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { demoFile } from '#server/cli/demo-nodes.ts'
import { takeOwnership } from '#server/db/embedded/owner.ts'
import { stopEmbedded } from '#server/db/embedded.ts'
import { nodeIds } from './nodes.ts'

// What the demo keeps on disk:
//
//   nodes.json            which nodes there are and how they run, for `parley --node`
//   seeded                written when people and spaces are there
//   acme.localhost/       the data directory of a node; node.log is what it has said
//   cache/                compiled code of both

const quiet = { info() {}, warn() {} }

/** Makes the directory ours alone, and waits for what an earlier demo has left running. Returns what gives it back. */
export async function prepareDemo(directory: string, say: (sentence: string) => void): Promise<() => void> {
  makeDirectory(directory)
  const { release } = own(directory)
  for (const id of nodeIds) await becomesFree(join(directory, id, 'postgres'), id, say)
  return release
}

/** A directory that PostgreSQL can get through: as root it runs as somebody else. */
export function makeDirectory(directory: string): void {
  const isRoot = process.getuid?.() === 0
  const first = mkdirSync(directory, { recursive: true })
  if (first === undefined) return
  for (let made = directory; made.startsWith(first); made = dirname(made))
    chmodSync(made, isRoot ? 0o711 : 0o700)
}

function own(directory: string): { release(): void } {
  try {
    return takeOwnership(directory)
  } catch (cause) {
    const holder = readFileSync(join(directory, 'owner.pid'), 'utf8').trim()
    throw new Error(
      `The demo of this checkout is running already, as process ${holder}. Stop it there with ctrl-C.`,
      {
        cause,
      },
    )
  }
}

const pollMs = 100
const patienceMs = 30_000

/** The nodes of a demo that was killed notice it, and stop in order. */
async function becomesFree(postgres: string, id: string, say: (sentence: string) => void): Promise<void> {
  if (!existsSync(postgres)) return
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    try {
      takeOwnership(postgres).release()
      return
    } catch (error) {
      if (waitedMs >= patienceMs) throw error
    }
    if (waitedMs === 0) say(`Waiting for the ${id} of an earlier start to stop.`)
    await sleep(pollMs)
  }
}

export function isSeeded(directory: string): boolean {
  return existsSync(join(directory, 'seeded'))
}

export function noteSeeded(directory: string): void {
  writeFileSync(join(directory, 'seeded'), '')
}

/** What a first start that was interrupted has left: half of a story is of no use. */
export async function clearUnfinished(directory: string): Promise<void> {
  // Only what a demo has noted as its own.
  if (!existsSync(demoFile(directory))) return
  for (const id of nodeIds) {
    const dataDirectory = join(directory, id)
    await stopEmbedded({ dataDirectory, logger: quiet })
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}
