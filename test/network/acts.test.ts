import t from 'tap'
import { actsAt, isGoneFor, sharedWithTwo, statesOf } from '../helpers/removals.ts'
import {
  entriesOf,
  eventuallySees,
  post,
  share,
  startGroup,
  startThread,
  textsOf,
} from '../helpers/spaces.ts'

t.test('a preview says what is lost, what is kept by which way, and who has to delete', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, bea } = world
  const group = await startGroup(alice, { title: 'Partners' })
  const both = await startThread(alice, { title: 'Both ways', groups: [group] })
  const only = await startThread(alice, { title: 'Through the group', groups: [group] })
  await share(net, alice, group, bob)
  await share(net, alice, both, bob)
  const url = `/api/spaces/${group}/removal-preview`
  const preview = await alice.get<{
    people: unknown[]
    purges: { node: string; spaces: { id: string }[] }[]
  }>(`${url}?userId=${encodeURIComponent(bob.id)}`)
  t.match(preview.people, [
    {
      person: { id: bob.id, external: true },
      keeps: [{ space: { id: both, title: 'Both ways' }, routes: [{ through: 'membership' }] }],
    },
  ])
  const [{ loses }] = preview.people as [{ loses: { id: string }[] }]
  t.strictSame(loses.map((space) => space.id).toSorted(), [group, only].toSorted())
  t.strictSame(
    preview.purges.map(({ node, spaces }) => [node, spaces.map((space) => space.id).toSorted()]),
    [['globex.test', [group, only].toSorted()]],
  )
  await alice.ok('DELETE', `/api/spaces/${group}/members/${bob.id}`)
  await net.eventually('it comes as it was said', async () => {
    const { db } = net.node('globex').context
    const gone = (await db.selectFrom('tombstone').select('spaceId').execute()).map((row) => row.spaceId)
    return gone.toSorted().join() === [group, only].toSorted().join()
  })
  t.match(await alice.ask('GET', `${url}?userId=${encodeURIComponent(bob.id)}`), { status: 404 })
  t.match(await alice.ask('GET', url), { status: 400 })
  t.match(await bea.ask('GET', `${url}?node=globex.test`), { status: 404 }, 'only for who reaches the space')
})

t.test('a whole company goes in one commit, with one order to delete and one record', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, bea, thread } = world
  const { removed } = await alice.ok<{ removed: string[] }>(
    'DELETE',
    `/api/spaces/${thread}/companies/globex.test`,
  )
  t.strictSame(removed.toSorted(), [bob.id, bea.id].toSorted())
  await net.eventually('bob is out', async () => await isGoneFor(bob, thread), 2_000)
  t.ok(await isGoneFor(bea, thread))
  await net.eventually(
    'globex has confirmed',
    async () => (await statesOf(alice, thread)).join() === 'purged',
  )
  t.ok((await actsAt(net, 'acme')).includes('space.removeCompany'))
  const { nodes } = await alice.get<{ nodes: string[] }>(`/api/spaces/${thread}`)
  t.strictSame(nodes, ['acme.test'])
  const again = await alice.ask('DELETE', `/api/spaces/${thread}/companies/globex.test`)
  t.equal(again.status, 404)
})

t.test('a frozen space is read and not written, by nobody, until it is thawed', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, thread } = world
  t.match(
    await bob.ask('PUT', `/api/spaces/${thread}/frozen`, { frozen: true }),
    { status: 404 },
    'not by globex',
  )
  await alice.ok('PUT', `/api/spaces/${thread}/frozen`, { frozen: true })
  t.match(await alice.ask('POST', `/api/spaces/${thread}/messages`, { text: 'No.' }), { status: 403 })
  await post(bob, thread, 'Nor this.')
  await net.clock.advance(5_000)
  t.strictSame(await textsOf(alice, thread), ['Before.'])
  t.match((await bob.get<{ unsent: unknown[] }>('/api/unsent')).unsent, [
    { text: 'Nor this.', code: 'no-right' },
  ])
  await alice.ok('PUT', `/api/spaces/${thread}/frozen`, { frozen: false })
  await post(bob, thread, 'But this.')
  await eventuallySees(net, alice, thread, 'But this.')
  t.match(await actsAt(net, 'acme'), ['peer.introduce', 'space.freeze', 'space.unfreeze'])
})

t.test(
  'an administrator ends a colleague membership elsewhere, at once, whether or not its host answers',
  async (t) => {
    await using world = await sharedWithTwo()
    const { net, alice, bob, bea, thread } = world
    net.cut('acme', 'globex')
    const url = `/api/people/${encodeURIComponent(bea.id)}/spaces/${thread}`
    t.match(await bea.ask('DELETE', url), { status: 403 })
    await bob.ok('DELETE', url)
    t.ok(await isGoneFor(bea, thread))
    t.strictSame(await textsOf(bob, thread), ['Before.'], 'nobody else is concerned')
    net.heal('acme', 'globex')
    net.hear('globex', 'acme')
    await net.eventually('the host knows', async () =>
      (await entriesOf(alice, thread)).some(({ type }) => type === 'member.leave'),
    )
    await share(net, alice, thread, bea)
    t.ok(await textsOf(bea, thread), 'and who is invited again is in again')
    t.ok((await actsAt(net, 'globex')).includes('member.end'))
  },
)

t.test('FNC-08: what somebody wrote and lost the space over stays with them', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, thread } = world
  const mend = net.wire.lose((_from, _to, { target }) => target.endsWith('/submit'))
  await post(bob, thread, 'Not sent in time.')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.eventually('bob is out', async () => await isGoneFor(bob, thread), 5_000)
  mend()
  net.hear('globex', 'acme')
  const unsent = async (): Promise<{ id: string; text: string }[]> =>
    (await bob.get<{ unsent: { id: string; text: string }[] }>('/api/unsent')).unsent
  await net.eventually('it is refused', async () => (await unsent()).length === 1)
  t.match(await unsent(), [{ text: 'Not sent in time.', space: thread, state: 'refused' }])
  t.notOk((await textsOf(alice, thread))!.includes('Not sent in time.'))
  const { id } = (await unsent())[0]!
  t.match(await alice.ask('DELETE', `/api/unsent/${id}`), { status: 404 })
  await bob.ok('DELETE', `/api/unsent/${id}`)
  t.strictSame(await unsent(), [])
})

t.test(
  'FNC-20: a copy under legal hold is read by nobody, said to be held, and deleted when the hold is lifted',
  async (t) => {
    await using world = await sharedWithTwo()
    const { net, alice, bob, thread } = world
    await bob.ok('PUT', `/api/legal-holds/${thread}`)
    t.match(await bob.get('/api/legal-holds'), { holds: [{ space: thread, placedBy: bob.id }] })
    await alice.ok('DELETE', `/api/spaces/${thread}/companies/globex.test`)
    await net.eventually('acme is told', async () => (await statesOf(alice, thread)).join() === 'held')
    t.ok(await isGoneFor(bob, thread))
    const { db } = net.node('globex').context
    t.ok((await db.selectFrom('content').select('seq').execute()).length > 0, 'it is there still')
    await bob.ok('DELETE', `/api/legal-holds/${thread}`)
    const isPurged = async (): Promise<boolean> => (await statesOf(alice, thread)).join() === 'purged'
    await net.eventually('acme is told again', isPurged, 5 * 60_000)
    t.strictSame(await db.selectFrom('content').select('seq').execute(), [])
    t.match(await actsAt(net, 'globex'), ['peer.approve', 'hold.place', 'hold.lift'])
  },
)

t.test(
  'what proves a removal can be taken out: the order, the receipt and the word that it is deleted',
  async (t) => {
    await using world = await sharedWithTwo()
    const { net, alice, bob, thread } = world
    await alice.ok('DELETE', `/api/spaces/${thread}/companies/globex.test`)
    await net.eventually(
      'globex has confirmed',
      async () => (await statesOf(alice, thread)).join() === 'purged',
    )
    for (const person of [alice, bob]) {
      const { removals, next } = await person.get<{ removals: Record<string, unknown>[]; next: unknown }>(
        '/api/removals',
      )
      t.match(removals, [{ host: 'acme.test', node: 'globex.test', n: 1, subject: '*', spaces: [thread] }])
      for (const name of ['fence', 'receipt', 'purge'] as const)
        t.match(removals[0]![name], /^[\w-]+\.[\w-]+\.[\w-]+$/)
      t.equal(next, null)
    }
  },
)
