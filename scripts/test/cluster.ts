import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const dataDirectory = mkdtempSync(join(tmpdir(), directoryPrefix))
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

/** Ends what runs that were killed have left behind. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const left = join(tmpdir(), name)
    const started = name.startsWith(directoryPrefix) && existsSync(join(left, 'postgres', 'owner.lock'))
    if (!started) continue
    try {
      await stopEmbedded({ dataDirectory: left, logger })
      rmSync(left, { recursive: true, force: true })
    } catch {
      // It belongs to a run that goes on, or to another user.
    }
  }
}
