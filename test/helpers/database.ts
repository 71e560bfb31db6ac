import { randomBytes } from 'node:crypto'
import { createDatabase, databaseName, dropDatabase, withDatabase } from '../../scripts/test/database.ts'

export type TestDatabase = AsyncDisposable & { readonly url: string }

/** A database of one's own, with the tables of a new node and no rows. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = process.env['PARLEY_TEST_DATABASE']
  if (!template) throw new Error('This test needs a database: run it with npm test -- <file>.')
  const url = withDatabase(template, `${databaseName(template)}_${randomBytes(4).toString('hex')}`)
  await createDatabase(url, databaseName(template))
  return { url, [Symbol.asyncDispose]: () => dropDatabase(url) }
}
