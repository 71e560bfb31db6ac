import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Context } from '#server/context.ts'
import { openDb } from '#server/db/open.ts'
import { detect } from '#server/peers/recovery/detect.ts'
import { setMark } from '#server/peers/recovery/marks.ts'
import { Activity } from '#server/ports/activity.ts'
import { openLogger } from '#server/ports/logger.ts'
import { type MarkFile, memoryMark, openMarkFile } from '#server/ports/mark-file.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { seededRandom } from '../helpers/random.ts'
import { copyOf, putBack } from '../helpers/restore.ts'

const logger = openLogger('silent')
const random = seededRandom('restore')

/** What a start on this database makes of it, and marks that are set then. */
async function boot({ url }: TestDatabase, mark: MarkFile, marks = 2): Promise<string> {
  const db = openDb({ url, connectionsMax: 2, activity: new Activity(), logger })
  try {
    const ports = { node: 'acme.test', db, mark, random, clock: handClock(), logger }
    const mode = await detect(ports as unknown as Context)
    const context = { ...ports, mode } as unknown as Context
    for (let i = 0; i < marks; i++) await setMark(context)
    return mode.recovering?.reason ?? 'as ever'
  } finally {
    await db.destroy()
  }
}

/** A partner, without whom there is nobody to ask. */
async function befriend({ url }: TestDatabase): Promise<void> {
  const db = openDb({ url, connectionsMax: 1, activity: new Activity(), logger })
  const pinned = { statement: '', statementVersion: 1, statementExpiresAt: 0, opSeq: 1, pinnedAt: 0 }
  const hash = 'A'.repeat(43) as never
  const never = {
    askedAt: null,
    lastSuccessAt: null,
    lastFailureAt: null,
    lastFailure: null,
    failingSince: null,
  }
  await db
    .insertInto('peer')
    .values({
      node: 'globex.test' as never,
      baseUrl: 'https://globex.test',
      ...pinned,
      ...never,
      genesisHash: hash,
      opHash: hash,
      approved: true,
    })
    .execute()
  await db.destroy()
}

t.test('RST-07: every way to put a database back is noticed, and is known until it is over', async (t) => {
  await using database = await createTestDatabase()
  const mark = memoryMark()
  await befriend(database)
  t.equal(await boot(database, mark), 'as ever', 'the first start')
  t.equal(await boot(database, mark), 'as ever', 'a restart')
  await using backup = await copyOf(database)
  t.equal(await boot(database, mark), 'as ever')

  await putBack(database, backup, { as: 'snapshot' })
  t.equal(await boot(database, mark), 'database-behind', 'the files of the server are those of then')
  t.equal(await boot(database, mark), 'database-behind', 'a restart changes nothing about it')

  await putBack(database, backup, { as: 'dump' })
  const young = memoryMark()
  young.write({ ...mark.read()!, tick: 1 })
  t.equal(await boot(database, young), 'mark-differs', 'each restore is another incarnation')

  await using second = await createTestDatabase()
  await befriend(second)
  const own = memoryMark()
  await boot(second, own)
  await using dump = await copyOf(second)
  await putBack(second, dump, { as: 'dump' })
  t.equal(await boot(second, own), 'database-moved', 'nothing was written since, and it lies elsewhere')
  t.equal(await boot(second, memoryMark()), 'mark-missing')
})

t.test('RST-07: another server and another timeline are another place', async (t) => {
  for (const part of [0, 1, 2, 3]) {
    await using database = await createTestDatabase()
    await befriend(database)
    const mark = memoryMark()
    await boot(database, mark)
    const db = openDb({ url: database.url, connectionsMax: 1, activity: new Activity(), logger })
    const { place } = await db.selectFrom('incarnation').select('place').executeTakeFirstOrThrow()
    const parts = place.split('/')
    t.equal(parts.length, 4)
    parts[part] = '1'
    await db
      .updateTable('incarnation')
      .set({ place: parts.join('/') })
      .execute()
    await db.destroy()
    t.equal(await boot(database, mark), 'database-moved')
  }
})

t.test('nobody is asked where nobody can know anything', async (t) => {
  await using database = await createTestDatabase()
  t.equal(await boot(database, memoryMark()), 'as ever')
  t.equal(await boot(database, memoryMark()), 'as ever', 'without partners a lost mark is no matter')
})

t.test('[B1] a process that is killed while it sets marks starts as ever', async (t) => {
  await using database = await createTestDatabase()
  await befriend(database)
  const directory = mkdtempSync(join(tmpdir(), 'parley-mark-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  for (let round = 0; round < 4; round++) {
    t.equal(await killed(database.url, directory, 2 + 3 * round), 'as ever', `round ${round}`)
  }
  const mark = openMarkFile(directory)
  const db = openDb({ url: database.url, connectionsMax: 1, activity: new Activity(), logger })
  const { tick } = await db.selectFrom('incarnation').select('tick').executeTakeFirstOrThrow()
  await db.destroy()
  const marked = mark.read()!.tick
  t.ok(marked > 20, 'marks were set')
  t.ok(marked <= tick, 'the mark is not ahead')
})

/** What it found at its start, before it was killed in the middle of whatever came after so many marks. */
async function killed(url: string, directory: string, marks: number): Promise<string> {
  const program = new URL('../helpers/marking-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, url, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const data of child.stdout as AsyncIterable<Buffer>) {
    said += data.toString()
    if (said.split('\n').length > marks + 1) child.kill('SIGKILL')
  }
  return said.slice(0, said.indexOf('\n'))
}
