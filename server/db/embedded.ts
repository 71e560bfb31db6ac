import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findAccount } from './embedded/account.ts'
import { ensureCluster, ensureDatabase } from './embedded/cluster.ts'
import { prepareDirectory } from './embedded/directory.ts'
import { takeOwnership } from './embedded/owner.ts'
import { readPostmaster, stopPostmaster, type EmbeddedLogger } from './embedded/postmaster.ts'
import { installPrograms, removeOtherPrograms } from './embedded/programs.ts'
import { prepareSocketDirectory, socketUrl } from './embedded/socket.ts'
import { runPostmaster } from './embedded/start.ts'

// The PostgreSQL that Parley brings along, as a process of its own. It is not a
// child in the usual sense: it outlives a node that is killed, and the next
// start takes it over. What it needs stands in <data directory>/postgres:
//
//   programs-18.4…/   initdb and postgres, copied from the npm package
//   data/             the cluster
//   socket/           the only way in; there is no TCP port
//   owner.lock        held by the one process that may start and stop it
//   postgres.log      what it has said since its last start

export type EmbeddedOptions = {
  readonly dataDirectory: string
  /** Server settings that differ from PostgreSQL's own defaults, which are durable. */
  readonly settings?: Readonly<Record<string, string>>
  readonly logger: EmbeddedLogger
}

export type EmbeddedPostgres = {
  /** For pg, and for the DATABASE_URL of other processes of the same user. */
  readonly url: string
  readonly pid: number
  /** Whether it had outlived its node and was taken over, rather than started. */
  readonly adopted: boolean
  /** A fast shutdown. It ends every connection, so it is the last thing a node does. */
  stop(): Promise<void>
}

const databaseName = 'parley'

export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { logger } = options
  const { directory, cluster } = places(options.dataDirectory)
  const account = findAccount(cluster)
  prepareDirectory(directory, account)
  const ownership = takeOwnership(directory)

  async function stop(): Promise<void> {
    await stopPostmaster(cluster, logger)
    ownership.release()
  }

  try {
    const programs = installPrograms(directory)
    const socket = prepareSocketDirectory(directory, account)
    const installation = { programs, directory, cluster, socket, account, settings: options.settings ?? {} }
    await ensureCluster(installation, logger)
    const { pid, adopted } = await runPostmaster(installation, logger)
    removeOtherPrograms(directory, programs)
    await ensureDatabase(socketUrl(socket, 'postgres'), databaseName)
    return { url: socketUrl(socket, databaseName), pid, adopted, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Ends a PostgreSQL that outlived its node and is not wanted any more. One that has an owner is left alone. */
export async function stopEmbedded(options: {
  dataDirectory: string
  logger: EmbeddedLogger
}): Promise<void> {
  const { directory, cluster } = places(options.dataDirectory)
  if (!existsSync(directory)) return
  const ownership = takeOwnership(directory)
  await stopPostmaster(cluster, options.logger)
  ownership.release()
}

/** The url of the PostgreSQL that another process owns and runs here now: for commands that visit a live node. */
export function findEmbedded(dataDirectory: string): string | undefined {
  const postmaster = readPostmaster(places(dataDirectory).cluster)
  return postmaster?.status === 'ready' ? socketUrl(postmaster.socket, databaseName) : undefined
}

function places(dataDirectory: string): { directory: string; cluster: string } {
  const directory = resolve(dataDirectory, 'postgres')
  return { directory, cluster: join(directory, 'data') }
}
