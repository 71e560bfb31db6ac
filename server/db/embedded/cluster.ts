import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { giveAway } from './directory.ts'
import { bareEnvironment, type Installation } from './installation.ts'
import type { EmbeddedLogger } from './postmaster.ts'

const run = promisify(execFile)

/** Creates the cluster unless it exists. It gets its name when it is complete, so a killed start leaves no half one. */
export async function ensureCluster(installation: Installation, logger: EmbeddedLogger): Promise<void> {
  const { directory, cluster, programs, account, settings } = installation
  if (existsSync(cluster)) return refuseOtherVersion(installation)
  logger.info({ directory }, 'Setting up PostgreSQL for the first time.')
  const unfinished = join(directory, 'data.new')
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished)
  giveAway(unfinished, account)
  const flags = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C']
  const collation = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const durability = settings['fsync'] === 'off' ? ['--no-sync'] : []
  await run(
    join(programs, 'bin', 'initdb'),
    [`--pgdata=${unfinished}`, ...flags, ...collation, ...durability],
    { ...account.spawn, cwd: directory, env: bareEnvironment },
  )
  renameSync(unfinished, cluster)
}

function refuseOtherVersion({ cluster, programs }: Installation): void {
  const made = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  const ours = /programs-(\d+)\./.exec(programs)?.[1]
  if (made === ours) return
  throw new Error(
    `The database in ${cluster} was made by PostgreSQL ${made}, and this is ${ours}: dump and restore it.`,
  )
}

export async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client(url)
  // Without a listener, the death of the server would be ours.
  client.on('error', () => {})
  await client.connect()
  try {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}
