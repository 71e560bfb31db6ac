import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bareEnvironment, type Installation } from './installation.ts'
import { becomesReady, readPostmaster, stopPostmaster, type EmbeddedLogger } from './postmaster.ts'
import { socketPort } from './socket.ts'

/** Takes over the server that outlived its node, or starts one. */
export async function runPostmaster(
  installation: Installation,
  logger: EmbeddedLogger,
): Promise<{ pid: number; adopted: boolean }> {
  const pid = readPostmaster(installation.cluster)?.pid
  if (pid !== undefined && (await isAdoptable(installation, pid, logger))) {
    logger.info({ pid }, 'Took over the PostgreSQL that had outlived its node.')
    return { pid, adopted: true }
  }
  await stopPostmaster(installation.cluster, logger)
  return { pid: await startPostmaster(installation, logger), adopted: false }
}

async function isAdoptable(
  installation: Installation,
  pid: number,
  logger: EmbeddedLogger,
): Promise<boolean> {
  const { cluster } = installation
  // One with other settings, or of another release, is stopped and started anew.
  if (readPostmaster(cluster)?.commandLine !== commandOf(installation).join(' ')) return false
  return await becomesReady(cluster, () => readPostmaster(cluster)?.pid === pid, logger)
}

const lingerMsMax = 5000
const lingerPollMs = 100
// The parts of a server that was killed a moment ago are not all gone yet.
const lingering = /lock file "postmaster\.pid" already exists|pre-existing shared memory block/

async function startPostmaster(installation: Installation, logger: EmbeddedLogger): Promise<number> {
  const log = join(installation.directory, 'postgres.log')
  if (existsSync(log)) renameSync(log, `${log}.previous`)
  for (let waitedMs = 0; ; waitedMs += lingerPollMs) {
    const attempt = await tryToStart(installation, log, logger)
    if ('pid' in attempt) {
      logger.info(attempt, 'PostgreSQL is running.')
      return attempt.pid
    }
    const said = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n')
    if (waitedMs >= lingerMsMax || !lingering.test(said)) {
      throw new Error(`PostgreSQL does not start in ${installation.directory}: ${attempt.end}.\n${said}`)
    }
    await sleep(lingerPollMs)
  }
}

async function tryToStart(
  installation: Installation,
  log: string,
  logger: EmbeddedLogger,
): Promise<{ pid: number } | { end: string }> {
  const child = spawnPostmaster(installation, log)
  let end: string | undefined
  child.once('error', (error) => (end = error.message))
  child.once('exit', (code, signal) => (end = `it ended with ${signal ?? `code ${code}`}`))
  const ready = await becomesReady(installation.cluster, () => end === undefined, logger)
  return ready && child.pid !== undefined ? { pid: child.pid } : { end: end ?? 'it ended' }
}

function spawnPostmaster(installation: Installation, log: string): ChildProcess {
  const output = openSync(log, 'a', 0o600)
  const [program = '', ...rest] = commandOf(installation)
  const child = spawn(program, rest, {
    ...installation.account.spawn,
    cwd: installation.directory,
    env: bareEnvironment,
    stdio: ['ignore', output, output],
    // Ctrl-C reaches every process of the group, and the node must drain first.
    detached: true,
  })
  child.unref()
  closeSync(output)
  return child
}

function commandOf({ programs, cluster, socket, settings }: Installation): string[] {
  const all = {
    listen_addresses: '',
    port: `${socketPort}`,
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    ...settings,
  }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return [join(programs, 'bin', 'postgres'), '-D', cluster, ...flags]
}
