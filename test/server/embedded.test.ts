import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { findEmbedded, openEmbedded, stopEmbedded } from '#server/db/embedded.ts'

const settings = { fsync: 'off' }
const logger = { info() {}, warn() {} }

t.test('an embedded PostgreSQL', async (t) => {
  const dataDirectory = temporaryDirectory(t)

  t.test('outlives a node that is killed, and the next start takes it over with its data', async (t) => {
    const { node, pid } = await startNode(dataDirectory)
    t.teardown(() => stopEmbedded({ dataDirectory, logger }))
    node.kill('SIGKILL')
    await once(node, 'exit')
    const postgres = await openEmbedded({ dataDirectory, settings, logger })
    t.match(postgres, { adopted: true, pid })
    t.same(await query(postgres.url, 'SELECT text FROM note'), [{ text: 'written before the kill' }])
    await postgres.stop()
  })

  t.test('has one owner at a time, and the second is told who', async (t) => {
    const postgres = await openEmbedded({ dataDirectory, settings, logger })
    const second = openEmbedded({ dataDirectory, settings, logger })
    await t.rejects(second, {
      message: `The data directory ${dataDirectory} is in use by process ${process.pid}.`,
    })
    t.same(await query(postgres.url, 'SELECT 1 AS one'), [{ one: 1 }], 'the first goes on')
    await postgres.stop()
  })

  t.test('is found by a visitor while it runs, and gone after the stop', async (t) => {
    const postgres = await openEmbedded({ dataDirectory, settings, logger })
    t.equal(postgres.adopted, false)
    t.equal(findEmbedded(dataDirectory), postgres.url)
    await postgres.stop()
    t.equal(findEmbedded(dataDirectory), undefined)
    t.notOk(existsSync(join(dataDirectory, 'postgres', 'data', 'postmaster.pid')))
  })

  t.test('that runs with other settings is replaced by one with ours', async (t) => {
    const { node, pid } = await startNode(dataDirectory)
    node.kill('SIGKILL')
    await once(node, 'exit')
    const postgres = await openEmbedded({ dataDirectory, settings: { ...settings, work_mem: '5MB' }, logger })
    t.notSame(postgres.pid, pid)
    t.same(await query(postgres.url, 'SHOW work_mem'), [{ work_mem: '5MB' }])
    await postgres.stop()
  })
})

const notRoot = process.getuid?.() !== 0 && 'only root runs it as somebody else'

t.test('a directory that the account of PostgreSQL may not enter is named', { skip: notRoot }, async (t) => {
  const shut = join(temporaryDirectory(t), 'shut')
  mkdirSync(shut, { mode: 0o700 })
  await t.rejects(openEmbedded({ dataDirectory: join(shut, 'node'), settings, logger }), {
    message: new RegExp(`may not enter ${shut}\\.`),
  })
})

t.test('a path too long for a socket gets its socket elsewhere', async (t) => {
  const dataDirectory = join(temporaryDirectory(t), 'x'.repeat(100))
  const postgres = await openEmbedded({ dataDirectory, settings, logger })
  t.teardown(() => rmSync(new URL(postgres.url).searchParams.get('host') ?? '', { recursive: true }))
  t.same(await query(postgres.url, 'SELECT 1 AS one'), [{ one: 1 }])
  await postgres.stop()
})

function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'parley-embedded-'))
  chmodSync(directory, 0o711)
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function startNode(dataDirectory: string): Promise<{ node: ChildProcess; pid: number }> {
  const program = fileURLToPath(new URL('../helpers/embedded-node.ts', import.meta.url))
  // tap puts its hooks into every Node process through NODE_OPTIONS.
  const env = { ...process.env, NODE_OPTIONS: '' }
  const node = spawn(process.execPath, [program, dataDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  const [line] = (await once(node.stdout, 'data')) as [Buffer]
  return { node, pid: Number(line) }
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
