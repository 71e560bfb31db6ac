import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Config } from '#server/config.ts'
import { findEmbedded, openEmbedded } from '#server/db/embedded.ts'
import { type Db, openDb } from '#server/db/open.ts'
import { Activity } from '#server/ports/activity.ts'
import { systemClock } from '#server/ports/clock.ts'
import { openLogger } from '#server/ports/logger.ts'
import { Failure } from './failure.ts'

// The database of a node, whether it runs or not: a running node's PostgreSQL is visited, another one is started
// and stopped again.

/** The url of a node's database; what was started for it ends with the stack. */
export async function reachDatabase(config: Config, opened: AsyncDisposableStack): Promise<string> {
  const { databaseUrl, dataDirectory } = config
  if (databaseUrl !== undefined) return databaseUrl
  if (!existsSync(join(dataDirectory, 'postgres', 'data'))) {
    throw new Failure(
      5,
      `There is no database in ${dataDirectory}.\nStart the node once, or set DATABASE_URL.`,
    )
  }
  const running = findEmbedded(dataDirectory)
  if (running !== undefined) return running
  try {
    const embedded = await openEmbedded({ dataDirectory, logger: silent })
    opened.defer(async () => await embedded.stop())
    return embedded.url
  } catch (cause) {
    // Its node may be starting it at this moment.
    const started = await waitForOther(dataDirectory)
    if (started !== undefined) return started
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(5, `The database in ${dataDirectory} cannot be started.\n${why}`, { cause })
  }
}

const silent = { info() {}, warn() {} }
const waitsMax = 50
const waitMs = 100

async function waitForOther(dataDirectory: string): Promise<string | undefined> {
  for (let waits = 0; waits < waitsMax; waits++) {
    const url = findEmbedded(dataDirectory)
    if (url !== undefined) return url
    await systemClock.sleep(waitMs)
  }
  return undefined
}

const versionMin = 15

/** A connection to it. Refuses a server that does not answer or is too old, and a database that is not ours. */
export async function openDatabase(config: Config, opened: AsyncDisposableStack): Promise<Db> {
  const url = await reachDatabase(config, opened)
  const db = openDb({ url, connectionsMax: 1, activity: new Activity(), logger: openLogger('silent') })
  opened.defer(async () => await db.destroy())
  const { version, hasTables } = await probe(db, url)
  if (Math.floor(version / 10_000) < versionMin) {
    const found = Math.floor(version / 10_000)
    throw new Failure(
      5,
      `The database at ${addressOf(url)} is PostgreSQL ${found}.\nIt has to be ${versionMin} or newer.`,
    )
  }
  if (!hasTables) {
    throw new Failure(
      5,
      `The database at ${addressOf(url)} has no tables of Parley.\nStart the node on it once.`,
    )
  }
  return db
}

type Probe = { readonly version: number; readonly hasTables: boolean }

async function probe(db: Db, url: string): Promise<Probe> {
  try {
    const { rows } = await sql<Probe>`
      select current_setting('server_version_num')::int as version, to_regclass('exchange') is not null as has_tables
    `.execute(db)
    return rows[0]!
  } catch (cause) {
    throw new Failure(5, `The database at ${addressOf(url)} cannot be reached.\n${reasonOf(cause)}`, {
      cause,
    })
  }
}

/** Host and port, and nothing that is secret. */
function addressOf(url: string): string {
  try {
    const { hostname, port, searchParams } = new URL(url)
    const host = searchParams.get('host') ?? hostname
    return `${host} port ${port || 5432}`
  } catch {
    return 'an address that is none'
  }
}

function reasonOf(error: unknown): string {
  // Several addresses of one name were tried.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
