import t from 'tap'
import { idOf, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { isGoneFor, sharedThread } from '../helpers/removals.ts'
import { entriesOf, eventuallySees, post, textsOf } from '../helpers/spaces.ts'

/** Until the node goes on as ever: everybody has answered, and nothing is shut. */
async function eventuallyRecovers(net: Network, name: string): Promise<void> {
  await net.eventually(`${name} has recovered`, async () => {
    const { db, mode } = net.node(name).context
    const shut = await db.selectFrom('space').select('id').where('withheld', '=', true).execute()
    const open = await db
      .selectFrom('reconciliation')
      .select('node')
      .where('caughtUpAt', 'is', null)
      .execute()
    return !mode.recovering && shut.length === 0 && open.length === 0
  })
}

async function remove(person: Person, space: string, whom: Person): Promise<void> {
  await person.ok('DELETE', `/api/spaces/${space}/members/${whom.id}`)
}

async function fencesOf(net: Network, name: string): Promise<string[]> {
  const { db } = net.node(name).context
  const rows = await db.selectFrom('fence').selectAll().orderBy('n').orderBy('variant').execute()
  return rows.map(({ n, subject, fromSeq, variant }) => `${n} ${subject} ${fromSeq} ${variant}`)
}

t.test(
  'RST-50: a host that was put back behind its fences takes them and its log back, and counts on behind them',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, bea, thread } = world
    await using backup = await net.backup('acme')
    await post(alice, thread, 'From the host, after the backup.')
    await post(bob, thread, 'From elsewhere, after the backup.')
    await eventuallySees(net, bob, thread, 'From elsewhere, after the backup.')
    await remove(alice, thread, bea)
    await net.eventually('bea is out', async () => await isGoneFor(bea, thread))
    await net.clock.leap(30_000)
    const before = await entriesOf(alice, thread)
    const fences = await fencesOf(net, 'globex')

    await net.restore('acme', backup, { as: 'snapshot' })
    await eventuallyRecovers(net, 'acme')
    const after = await entriesOf(alice, thread)
    t.same(after.slice(0, before.length), before, 'every entry is what it was')
    t.match(
      after.slice(before.length).map(({ type }) => type),
      ['space.reanchor'],
    )
    t.strictSame(await fencesOf(net, 'acme'), fences)
    await post(bob, thread, 'And on.')
    await eventuallySees(net, alice, thread, 'And on.')
    await eventuallySees(net, bob, thread, 'And on.')
    t.ok(await isGoneFor(bea, thread))
    await remove(alice, thread, bob)
    await net.eventually('bob is out', async () => await isGoneFor(bob, thread))
    const numbers = (await fencesOf(net, 'globex')).map((line) => line.split(' ')[0])
    t.strictSame(numbers, [...fences.map((line) => line.split(' ')[0]), String(fences.length + 1)])
  },
)

t.test('RST-50: a removal that no log took is written first, before anything else', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, bea, thread } = world
  await using backup = await net.backup('acme')
  const stop = net.wire.lose((_from, _to, { target }) => target.endsWith('/entries'))
  await remove(alice, thread, bea)
  await net.eventually('bea is out', async () => await isGoneFor(bea, thread))
  await net.restore('acme', backup)
  stop()
  await eventuallyRecovers(net, 'acme')
  await eventuallySees(net, bob, thread, 'Before.')
  t.strictSame(
    (await entriesOf(alice, thread)).slice(-2).map(({ type }) => type),
    ['member.remove', 'space.reanchor'],
  )
  await post(alice, thread, 'Without her.')
  await eventuallySees(net, bob, thread, 'Without her.')
  t.ok(await isGoneFor(bea, thread))
})

t.test('RST-08: what was to be deleted after the backup is deleted again before anybody reads', async (t) => {
  await using world = await sharedThread()
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
  await using world = await sharedThread()
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

t.test('RST-09: a copy of a node that is started somewhere else neither signs nor sends', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  await using copy = await net.clone('acme')
  await post(alice, thread, 'From the real one.')
  await eventuallySees(net, bob, thread, 'From the real one.')
  await net.clock.leap(60_000)
  t.equal(copy.context.mode.recovering?.reason, 'copy')
  const read = await copy.app.inject({ url: '/readyz' })
  t.same(read.json(), { status: 'recovery' })
  const sent = copy.sent()
  t.strictSame(
    sent.filter(({ to, target }) => to !== idOf('acme') || !target.includes('/v1/node/probe')),
    [],
    'it asks at its own address who is there, and nobody else anything',
  )
})
