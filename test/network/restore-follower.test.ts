import t from 'tap'
import type { Person } from '../helpers/person.ts'
import { eventuallyRecovers } from '../helpers/recovering.ts'
import { sharedWithTwo } from '../helpers/removals.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'

async function remove(person: Person, space: string, whom: Person): Promise<void> {
  await person.ok('DELETE', `/api/spaces/${space}/members/${whom.id}`)
}

t.test('RST-08: what was to be deleted after the backup is deleted again before anybody reads', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, bea, thread } = world
  await using backup = await net.backup('globex')
  await remove(alice, thread, bea)
  await remove(alice, thread, bob)
  const { db } = net.node('acme').context
  const receiptOf = async () =>
    (await db.selectFrom('fence').select('purgeReceipt').where('action', '=', 'purge').execute())[0]
      ?.purgeReceipt
  await net.eventually('it is deleted', async () => typeof (await receiptOf()) === 'string')
  const first = await receiptOf()

  net.cut('acme', 'globex')
  await net.restore('globex', backup)
  t.equal((await bob.ask('GET', `/api/spaces/${thread}/entries`)).status, 503, 'shut at once')
  net.heal('acme', 'globex')
  await eventuallyRecovers(net, 'globex')
  t.equal(await textsOf(bob, thread), undefined)
  const held = await net.node('globex').context.db.selectFrom('content').select('text').execute()
  t.notMatch(JSON.stringify(held), 'Before.')
  await net.eventually('there is a new receipt', async () => (await receiptOf()) !== first)
})

t.test('RST-10: what a restored node sends again is known, and stands once', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, thread } = world
  const stop = net.wire.lose((_from, _to, { target }) => target.endsWith('/submit'))
  await post(bob, thread, 'Once.')
  await using backup = await net.backup('globex')
  stop()
  await eventuallySees(net, alice, thread, 'Once.')
  await post(alice, thread, 'After it.')
  await eventuallySees(net, bob, thread, 'After it.')
  await net.restore('globex', backup)
  await eventuallyRecovers(net, 'globex')
  await net.clock.leap(30_000)
  for (const person of [alice, bob]) {
    t.strictSame((await textsOf(person, thread))?.slice(-2), ['Once.', 'After it.'])
  }
  const { db } = net.node('globex').context
  t.same(await db.selectFrom('pending').selectAll().execute(), [])
})
