import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { openEmbedded, stopEmbedded } from '#server/db/embedded.ts'
import { migrateDatabase } from '#server/db/migrate.ts'
import { createDatabase, dropDatabase, listDatabases, withDatabase } from './database.ts'

/** The PostgreSQL of one run of the tests, with a migrated template that the test files clone. */
export type TestCluster = AsyncDisposable & { readonly env: { readonly PARLEY_TEST_DATABASE: string } }

type Server = { readonly url: string; close(): Promise<void> }

export async function openTestCluster(): Promise<TestCluster> {
  const template = `parley_test_${randomBytes(4).toString('hex')}`
  const existing = process.env['TEST_DATABASE_URL']
  const server = existing ? visitServer(existing, template) : await startServer()
  try {
    const url = withDatabase(server.url, template)
    await createDatabase(url)
    await migrateDatabase(url)
    return { env: { PARLEY_TEST_DATABASE: url }, [Symbol.asyncDispose]: () => server.close() }
  } catch (error) {
    await server.close()
    throw error
  }
}

/** Somebody else's server, which is left as it was. */
function visitServer(url: string, prefix: string): Server {
  return {
    url,
    async close() {
      const names = await listDatabases(url, prefix)
      await Promise.all(names.map((name) => dropDatabase(withDatabase(url, name))))
    },
  }
}

const directoryPrefix = 'parley-test-'
const memory = '/dev/shm'
const bytesNeeded = 4 * 1024 ** 3
// Nothing in it is worth keeping, so nothing waits for a disk.
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
}
const logger = {
  info() {},
  warn(_fields: object, sentence: string) {
    console.warn(sentence)
  },
}

async function startServer(): Promise<Server> {
  await sweep()
  const dataDirectory = mkdtempSync(join(findPlace(), directoryPrefix))
  // As root, PostgreSQL runs as somebody else, who has to get in.
  chmodSync(dataDirectory, 0o711)
  const server = await openEmbedded({ dataDirectory, settings, logger })
  return {
    url: server.url,
    async close() {
      await server.stop()
      rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
}

/** In memory where there is room for it: a third of a run is waiting for a disk that nobody needs. */
function findPlace(): string {
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize >= bytesNeeded ? memory : tmpdir()
}

/** Ends what runs that were killed have left behind. */
async function sweep(): Promise<void> {
  const places = [memory, tmpdir()].filter((place) => existsSync(place))
  const lying = places.flatMap((place) => readdirSync(place).map((name) => join(place, name)))
  for (const left of lying) {
    const isOurs = basename(left).startsWith(directoryPrefix)
    const started = isOurs && existsSync(join(left, 'postgres', 'owner.lock'))
    if (!started) continue
    try {
      await stopEmbedded({ dataDirectory: left, logger })
      rmSync(left, { recursive: true, force: true })
    } catch {
      // It belongs to a run that goes on, or to another user.
    }
  }
}
