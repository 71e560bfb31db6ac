import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandLineOf } from './command-line.ts'

// What is known of the server process comes from its pid file, which PostgreSQL
// writes and which only PostgreSQL removes.

export type EmbeddedLogger = {
  info(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
}

export type Postmaster = {
  readonly pid: number
  readonly socket: string
  readonly status: string
  readonly commandLine: string
}

const pollMs = 20
const patienceMs = 10_000
const stopMsMax = 60_000

/** What runs on this cluster now, if anything does. */
export function readPostmaster(cluster: string): Postmaster | undefined {
  const lines = readPidFile(cluster)?.split('\n')
  if (!lines) return undefined
  const pid = Number(lines[0])
  const commandLine = commandLineOf(pid)
  // After a crash of the machine the number may be anybody's.
  if (!commandLine?.includes(cluster)) return undefined
  return { pid, socket: lines[4] ?? '', status: lines[7]?.trim() ?? '', commandLine }
}

/** False when it dies first. As long as it lives there is hope: recovery takes the time it takes. */
export async function becomesReady(
  cluster: string,
  isAlive: () => boolean,
  logger: EmbeddedLogger,
): Promise<boolean> {
  for (let waitedMs = 0; isAlive(); waitedMs += pollMs) {
    if (readPostmaster(cluster)?.status === 'ready') return true
    if (waitedMs === patienceMs)
      logger.info({ cluster }, 'PostgreSQL is still starting, probably recovering.')
    await sleep(pollMs)
  }
  return false
}

/** A fast shutdown: open transactions are rolled back, and everything committed is on disk. */
export async function stopPostmaster(cluster: string, logger: EmbeddedLogger): Promise<void> {
  const pid = readPostmaster(cluster)?.pid
  if (pid === undefined) return
  process.kill(pid, 'SIGINT')
  for (let waitedMs = 0; waitedMs < stopMsMax; waitedMs += pollMs) {
    if (readPostmaster(cluster)?.pid !== pid) return
    await sleep(pollMs)
  }
  logger.warn({ pid }, 'PostgreSQL is slow to stop, and is left to finish by itself.')
}

function readPidFile(cluster: string): string | undefined {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8')
  } catch {
    return undefined
  }
}
