import t from 'tap'
import { eventuallySees, post, share, startGroup, startThread, textsOf } from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

t.test('FNC-01: a removal reaches the other node within two seconds, before any log', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const bea = await net.person('bea', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await share(net, alice, thread, bea)
  await post(alice, thread, 'For all of us.')
  await eventuallySees(net, bob, thread, 'For all of us.')

  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  const isGone = async (): Promise<boolean> => (await textsOf(bob, thread)) === undefined
  await net.eventually('bob is refused', isGone, 2_000)
  t.strictSame(await textsOf(bea, thread), ['For all of us.'], 'his colleague is not affected')

  await post(alice, thread, 'Not for bob.')
  await eventuallySees(net, bea, thread, 'Not for bob.')
  t.equal(await textsOf(bob, thread), undefined)
  await net.eventually('acme has the receipt of globex', async () => {
    const fences = await net.node('acme').context.db.selectFrom('fence').selectAll().execute()
    return fences.length === 1 && fences.every((fence) => fence.receipt !== null)
  })
})

t.test('FNC-09: a node that was away hears of the removal before anything else', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  net.cut('acme', 'globex')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await post(alice, thread, 'Never for globex.')
  await net.clock.advance(2 * 60_000)
  t.strictSame(await textsOf(bob, thread), [], 'while nobody can be heard, what he has stays')
  net.heal('acme', 'globex')
  const isGone = async (): Promise<boolean> => (await textsOf(bob, thread)) === undefined
  await net.eventually('bob is refused', isGone, 20 * 60_000)
  await net.clock.advance(2 * 60_000)
  t.notOk(net.wire.heardBy('globex.test').some(({ body }) => body.includes('Never for globex.')))
})

t.test('FNC-50: a fence from before a rejoin leaves the new membership alone', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.eventually('bob is refused', async () => (await textsOf(bob, thread)) === undefined)
  await share(net, alice, thread, bob)
  await post(alice, thread, 'Welcome back.')
  await eventuallySees(net, bob, thread, 'Welcome back.')
  // The old order again, as a lost receipt would bring it.
  await net.node('acme').context.db.updateTable('fence').set({ ackedAt: null, receipt: null }).execute()
  net.node('acme').context.wake.signal('control')
  await net.clock.advance(60_000)
  t.strictSame(await textsOf(bob, thread), ['Welcome back.'])
})

t.test('a thread reached through a group opens and closes with the membership in the group', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const group = await startGroup(alice, { title: 'Partners' })
  const thread = await startThread(alice, { title: 'Prices', groups: [group] })
  await post(alice, thread, 'Written before globex came.')
  t.equal(await textsOf(bob, thread), undefined)

  await share(net, alice, group, bob)
  await eventuallySees(net, bob, thread, 'Written before globex came.')
  await post(bob, thread, 'Through the group.')
  await eventuallySees(net, alice, thread, 'Through the group.')

  await alice.ok('DELETE', `/api/spaces/${group}/members/${bob.id}`)
  const isGone = async (): Promise<boolean> => (await textsOf(bob, thread)) === undefined
  await net.eventually('bob is refused the thread', isGone, 2_000)
  await post(alice, thread, 'After globex went.')
  await net.clock.advance(2 * 60_000)
  t.notOk(net.wire.heardBy('globex.test').some(({ body }) => body.includes('After globex went.')))
})

t.test('FNC-51: a direct recipient keeps the thread when the group is left', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const group = await startGroup(alice, { title: 'Partners' })
  const both = await startThread(alice, { title: 'Both ways', groups: [group] })
  const only = await startThread(alice, { title: 'Through the group', groups: [group] })
  await share(net, alice, group, bob)
  await share(net, alice, both, bob)
  await net.eventually('bob sees both', async () => (await textsOf(bob, only)) !== undefined)
  await alice.ok('DELETE', `/api/spaces/${group}/members/${bob.id}`)
  await net.eventually('bob is refused the one', async () => (await textsOf(bob, only)) === undefined, 2_000)
  await post(alice, both, 'You stay here.')
  await eventuallySees(net, bob, both, 'You stay here.')
})

t.test('a group that is withdrawn from a thread takes it from those who had no other route', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const group = await startGroup(alice, { title: 'Partners' })
  const thread = await startThread(alice, { title: 'Prices' })
  await share(net, alice, group, bob)
  await alice.ok('POST', `/api/spaces/${thread}/groups`, {
    groupId: group,
    companies: ['globex.test'],
  })
  await net.eventually('bob sees it', async () => (await textsOf(bob, thread)) !== undefined)
  await alice.ok('DELETE', `/api/spaces/${thread}/groups/${group}`)
  const isGone = async (): Promise<boolean> => (await textsOf(bob, thread)) === undefined
  await net.eventually('bob is refused', isGone, 2_000)
})

t.test('somebody of another company may leave by themselves', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await bob.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.eventually('bob is out', async () => (await textsOf(bob, thread)) === undefined)
  const { members, nodes } = await alice.get<{ members: unknown[]; nodes: string[] }>(`/api/spaces/${thread}`)
  t.equal(members.length, 1)
  t.strictSame(nodes, ['acme.test'], 'and with its last member the company')
})
