import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { readPostmaster } from '#server/db/embedded/postmaster.ts'
import { ask } from '../../scripts/demo/ask.ts'
import { password } from '../../scripts/seed.ts'
import { type DemoHome, openDemoHome } from '../helpers/demo.ts'

const acme = 'acme.localhost'

t.test('the demo', async (t) => {
  await using home = await openDemoHome()
  const first = await home.start()

  await t.test('seeds two companies at its first start, and says where they are', async (t) => {
    t.match(first.output(), /http:\/\/acme\.localhost:\d+/)
    t.match(first.output(), /http:\/\/globex\.localhost:\d+/)
    t.match(first.output(), password)
    t.match(first.output(), /Two healthy nodes after [\d.]+ s, with people in them/)
    t.strictSame(await titlesOf(home, acme, 'alice'), [
      'Budget',
      'Launch plan',
      'Launch team',
      'Press release',
    ])
    t.strictSame(await titlesOf(home, 'globex.localhost', 'bob'), [
      'Launch plan',
      'Launch team',
      'Press release',
    ])
    t.strictSame(await titlesOf(home, 'globex.localhost', 'bea'), ['Launch team', 'Press release'])
  })

  await t.test('refuses to run twice on the same data, and names who runs it', async (t) => {
    await t.rejects(home.start(), new RegExp(`running already, as process ${first.pid}`))
  })

  await t.test('shows its exchanges to parley log, up or down', async (t) => {
    const up = await parleyLog(home)
    t.ok(up.length > 10)
    t.equal(await first.stop('SIGINT'), 0)
    t.equal(home.database(acme), undefined, 'ctrl-C has stopped the database too')
    const down = await parleyLog(home)
    t.strictSame(down.slice(0, up.length), up)
    t.equal(home.database(acme), undefined, 'and what the command started is stopped again')
  })

  await t.test('comes back with its data after its script was killed', async (t) => {
    const script = await home.start()
    t.notMatch(script.output(), 'with people in them')
    await script.stop('SIGKILL')
    const again = await home.start()
    t.equal((await titlesOf(home, acme, 'alice')).length, 4)
    await again.stop()
  })

  await t.test('ends when a node is killed, says so, and comes back', async (t) => {
    const demo = await home.start()
    process.kill(pidOfNode(home, acme), 'SIGKILL')
    t.equal(await demo.stop('SIGCONT'), 1)
    t.match(demo.output(), 'acme.localhost ended by itself: SIGKILL')
    t.equal(home.database(acme), undefined, 'nothing of it is left running')
    const again = await home.start()
    t.equal((await titlesOf(home, acme, 'alice')).length, 4)
    await again.stop()
  })

  await t.test('comes back after a database was killed', async (t) => {
    const demo = await home.start()
    process.kill(readPostmaster(join(home.directory, acme, 'postgres', 'data'))!.pid, 'SIGKILL')
    await demo.stop()
    await home.start()
    t.equal((await titlesOf(home, acme, 'alice')).length, 4)
  })
})

async function titlesOf(home: DemoHome, id: string, handle: string): Promise<string[]> {
  const node = { id, port: Number(home.nodes()[id]!['PARLEY_PORT']) }
  const session = await ask(node, { method: 'POST', path: '/api/sessions', body: { handle, password } })
  const { token } = session.body as { token: string }
  const { body } = await ask(node, { method: 'GET', path: '/api/spaces', token })
  return (body as { spaces: { title: string }[] }).spaces.map(({ title }) => title).toSorted()
}

async function parleyLog(home: DemoHome): Promise<unknown[]> {
  const args = ['scripts/parley.mjs', 'log', '--node', 'acme', '--json', '--limit', '1000']
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: home.environment })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

/** Asked of the node's own lock, which says who holds its database. */
function pidOfNode(home: DemoHome, id: string): number {
  return Number(readFileSync(join(home.directory, id, 'postgres', 'owner.pid'), 'utf8'))
}
