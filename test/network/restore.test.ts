import t from 'tap'
import type { Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { eventuallyRecovers } from '../helpers/recovering.ts'
import { isGoneFor, sharedWithTwo } from '../helpers/removals.ts'
import { entriesOf, eventuallySees, post } from '../helpers/spaces.ts'

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
    await using world = await sharedWithTwo()
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
  await using world = await sharedWithTwo()
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
