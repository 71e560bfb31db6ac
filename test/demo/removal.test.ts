import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { type Answer, ask } from '../../scripts/demo/ask.ts'
import { password } from '../../scripts/seed.ts'
import { type DemoHome, openDemoHome } from '../helpers/demo.ts'

const acme = 'acme.localhost'
const globex = 'globex.localhost'

t.test('a removal between two real processes, each with its own database', async (t) => {
  await using home = await openDemoHome()
  await home.start()
  const alice = await signIn(home, acme, 'alice')
  const [bob, bea] = [await signIn(home, globex, 'bob'), await signIn(home, globex, 'bea')]
  // A thread that both read through a group.
  const [group, space] = [await spaceOf(alice, 'Launch team'), await spaceOf(alice, 'Press release')]
  const url = `/api/spaces/${space}/entries`
  const marker = 'Marker-to-be-deleted'
  await alice('POST', `/api/spaces/${space}/messages`, { text: marker })
  await until('both read it', 30_000, async () => {
    const answers = await Promise.all([bob('GET', url), bea('GET', url)])
    return answers.every(({ body }) => JSON.stringify(body).includes(marker))
  })
  t.ok((await tablesWith(home, marker)).length > 0, 'the search finds what is there')

  t.equal((await alice('DELETE', `/api/spaces/${group}/companies/${globex}`)).status, 200)
  const from = performance.now()
  for (const person of [bob, bea]) {
    await until('they are refused', 10_000, async () => (await person('GET', url)).status === 404)
  }
  t.comment(`refused after ${Math.round(performance.now() - from)} ms`)
  await until('globex has confirmed', 30_000, async () => {
    const { body } = await alice('GET', `/api/spaces/${group}/removals`)
    return (body as { removals: { state: string }[] }).removals.every(({ state }) => state === 'purged')
  })
  t.strictSame(await tablesWith(home, marker), [])
  t.strictSame(filesWith(join(home.directory, globex), marker), [])
})

type Asking = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<Answer>

let keys = 0

async function signIn(home: DemoHome, id: string, handle: string): Promise<Asking> {
  const node = { id, port: Number(home.nodes()[id]!['PARLEY_PORT']) }
  const session = await ask(node, { method: 'POST', path: '/api/sessions', body: { handle, password } })
  const { token } = session.body as { token: string }
  return async (method, path, body) =>
    await ask(node, { method, path, token, key: `removal-${++keys}`, body })
}

async function spaceOf(person: Asking, title: string): Promise<string> {
  const { body } = await person('GET', '/api/spaces')
  return (body as { spaces: { id: string; title: string }[] }).spaces.find((space) => space.title === title)!
    .id
}

async function until(what: string, withinMs: number, condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + withinMs; performance.now() < deadline;) {
    if (await condition()) return
    await wait(20)
  }
  throw new Error(`It never came to this: ${what}.`)
}

/** The tables of globex that have these words. */
async function tablesWith(home: DemoHome, words: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: home.database(globex)! })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    )
    const found: string[] = []
    for (const { name } of rows) {
      const hits = await client.query(`select 1 from "${name}" t where position($1 in t::text) > 0 limit 1`, [
        words,
      ])
      if (hits.rowCount !== 0) found.push(name)
    }
    return found
  } finally {
    await client.end()
  }
}

/** The files of the node, without those of PostgreSQL, whose free space is written over by and by. */
function filesWith(directory: string, words: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('postgres'))
    .filter((name) => statSync(join(directory, name)).isFile())
    .filter((name) => readFileSync(join(directory, name)).includes(words))
}
