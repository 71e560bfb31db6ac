import { once } from 'node:events'
import t from 'tap'
import { openApp } from '#server/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { cuttable } from '../helpers/cuttable.ts'
import { codeOf, password, testNode } from '../helpers/node.ts'

t.test(
  '[R17] without its database a node lives, is not ready, and says that nothing was changed',
  async (t) => {
    await using database = await createTestDatabase()
    await using way = await cuttable(database.url)
    await using node = await testNode({ config: { databaseUrl: way.url } })
    const alice = await node.signUp('alice')
    t.same((await node.app.inject('/readyz')).json(), { status: 'ready' })

    await way.cut()
    t.same((await node.app.inject('/healthz')).json(), { status: 'alive', version: '0.0.0-test' })
    t.equal(codeOf(await node.app.inject('/readyz')), 'storage-unavailable')
    const refused = await alice.post('/api/enrolments')
    t.equal(codeOf(refused), 'storage-unavailable')
    t.equal(refused.headers['retry-after'], '1')

    await way.mend()
    t.equal((await node.app.inject('/readyz')).statusCode, 200)
    t.equal((await alice.post('/api/enrolments')).statusCode, 201)
  },
)

t.test('a node that is about to stop is not ready', async (t) => {
  await using node = await testNode()
  const app = openApp(node.context, () => false)
  t.equal(codeOf(await app.inject('/readyz')), 'busy')
  t.equal((await app.inject('/healthz')).statusCode, 200)
  await app.close()
})

t.test('a node that stops finishes what it was asked and takes nothing more', async (t) => {
  const passwordCost = { memory: 65_536, passes: 3, parallelism: 1 }
  await using node = await testNode({ config: { passwordCost } })
  await node.signUp('alice')
  const address = await node.listen()
  const signIn = async () =>
    await fetch(`${address}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ handle: 'alice', password }),
    })
  const arrived = once(node.app.server, 'request')
  const underWay = signIn()
  await arrived
  const stopped = node.stop()
  t.equal((await underWay).status, 201)
  await stopped
  await t.rejects(signIn())
})
