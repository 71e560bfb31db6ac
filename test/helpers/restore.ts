import { findPlace } from '#server/db/incarnation.ts'
import { openDb } from '#server/db/open.ts'
import { Activity } from '#server/ports/activity.ts'
import { openLogger } from '#server/ports/logger.ts'
import { createDatabase, databaseName, dropDatabase } from '../../scripts/test/database.ts'
import { randomBytes } from 'node:crypto'
import { withDatabase } from '../../scripts/test/database.ts'
import type { TestDatabase } from './database.ts'

// Backups of the databases of nodes that are down, and what an operator does with them.

export type Restoring = {
  /**
   * `snapshot`: the files of the server are put back, so that everything but the age is as before. Otherwise as after a
   * dump, which makes another database.
   */
  readonly as?: 'snapshot' | 'dump'
  /** The mark was lost with the machine. */
  readonly mark?: 'gone'
}

export async function copyOf(database: TestDatabase): Promise<TestDatabase> {
  const url = withDatabase(database.url, `${databaseName(database.url)}_${randomBytes(3).toString('hex')}`)
  await createDatabase(url, databaseName(database.url))
  return { url, [Symbol.asyncDispose]: async () => await dropDatabase(url) }
}

/** The copy stays, and can be put back again. */
export async function putBack(database: TestDatabase, backup: TestDatabase, how: Restoring): Promise<void> {
  await dropDatabase(database.url)
  await createDatabase(database.url, databaseName(backup.url))
  if (how.as === 'snapshot') await keepPlace(database)
}

/** As after files were copied: the rows lie where they say that they lie. */
export async function keepPlace(database: TestDatabase): Promise<void> {
  const logger = openLogger('silent')
  const db = openDb({ url: database.url, connectionsMax: 1, activity: new Activity(), logger })
  await db
    .updateTable('incarnation')
    .set({ place: await findPlace(db) })
    .execute()
  await db.destroy()
}
