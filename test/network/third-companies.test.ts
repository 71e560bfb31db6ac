import t from 'tap'
import {
  allow,
  decisionsOf,
  eventuallyInvited,
  eventuallyWaits,
  invitationsOf,
  invite,
  refusalOf,
} from '../helpers/invitations.ts'
import {
  entriesOf,
  eventuallySees,
  post,
  share,
  startGroup,
  startThread,
  textsOf,
} from '../helpers/spaces.ts'
import { threeCompanies } from '../helpers/three-companies.ts'

type Held = { held: string[] }

t.test('JOI-10: a company that arrives is held back until an administrator has agreed', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  await allow(bob, { transitive: 'ask' })
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await share(net, alice, thread, carol)
  await post(carol, thread, 'Hello from initech.')
  await eventuallySees(net, alice, thread, 'Hello from initech.')
  await net.eventually('bob has what carol wrote, and does not see it', async () =>
    (await entriesOf(bob, thread)).some(({ standing }) => standing === 'held'),
  )
  t.notOk((await textsOf(bob, thread))?.includes('Hello from initech.'))
  t.strictSame((await bob.get<Held>(`/api/spaces/${thread}`)).held, ['initech.test'])
  t.equal(await refusalOf(bob, ['POST', `/api/spaces/${thread}/messages`, { text: 'Hm.' }]), 'space-held')
  const waiting = await eventuallyWaits(net, bob, 'company')
  t.match(waiting, { id: thread, nodes: ['initech.test'], mayApprove: true, rule: 'transitive=ask' })
  t.match(await decisionsOf(bob, 'company'), [{ verdict: 'approval', facts: { arrived: 'initech.test' } }])

  await bob.ok('POST', `/api/approvals/${thread}/approve`)
  t.ok((await textsOf(bob, thread))?.includes('Hello from initech.'))
  await post(bob, thread, 'Welcome.')
  await eventuallySees(net, carol, thread, 'Welcome.')
})

t.test('JOI-10: where the policy forbids it there is only leaving', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  await allow(bob, { transitive: 'deny' })
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  const preview = { space: thread, people: [{ address: carol.address }] }
  await net.eventually('alice is told beforehand', async () => {
    const { warnings } = await alice.ok<{ warnings: object[] }>('POST', '/api/companies/preview', preview)
    return warnings.length === 1
  })
  t.match(await alice.ok('POST', '/api/companies/preview', preview), {
    warnings: [{ node: 'globex.test', declares: 'deny' }],
  })
  await share(net, alice, thread, carol)
  const waiting = await eventuallyWaits(net, bob, 'company')
  t.match(waiting, { mayApprove: false, rule: 'transitive=deny' })
  t.equal(await refusalOf(bob, ['POST', `/api/approvals/${thread}/approve`]), 'policy-forbids')
  await bob.ok('POST', `/api/approvals/${thread}/refuse`)
  await net.eventually('bob is out, at both ends', async () => {
    const { members } = await alice.get<{ members: { person: { id: string } }[] }>(`/api/spaces/${thread}`)
    return (await textsOf(bob, thread)) === undefined && !members.some(({ person }) => person.id === bob.id)
  })
})

t.test('JOI-10: a hold on a group holds its threads', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  await allow(bob, { transitive: 'ask' })
  const group = await startGroup(alice, { title: 'Team' })
  await share(net, alice, group, bob)
  const thread = await startThread(alice, { title: 'Prices', groups: [group] })
  await post(alice, thread, 'Ours.')
  await eventuallySees(net, bob, thread, 'Ours.')
  await share(net, alice, group, carol)
  await net.eventually('the thread is held', async () => {
    const { held } = await bob.get<Held>(`/api/spaces/${thread}`)
    return held.includes('initech.test')
  })
  t.equal(await refusalOf(bob, ['POST', `/api/spaces/${thread}/messages`, { text: 'Hm.' }]), 'space-held')
})

t.test('whom one would meet stands in the letter, and is asked about before one joins', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  const owner = await net.person('cecil', 'initech')
  await allow(carol, { transitive: 'ask' })
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await invite(alice, thread, { address: owner.address }, { companies: ['initech.test'] })
  const waiting = await eventuallyWaits(net, carol, 'incoming')
  t.match(waiting, { rule: 'transitive=ask', roster: ['acme.test', 'globex.test'] })
  t.strictSame(await invitationsOf(owner), [])
  await carol.ok('POST', `/api/approvals/${waiting.id}/approve`)
  const { id } = await eventuallyInvited(net, owner, thread)
  await owner.ok('POST', `/api/invitations/${id}/accept`)
  await net.eventually('he is in', async () => (await textsOf(owner, thread)) !== undefined)
  t.strictSame((await owner.get<Held>(`/api/spaces/${thread}`)).held, [], 'nothing is asked twice')
})

t.test('who accepts before another company comes is asked again', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  const thread = await startThread(alice, { title: 'Launch' })
  await invite(alice, thread, { address: bob.address }, { companies: ['globex.test'] })
  const first = await eventuallyInvited(net, bob, thread)
  t.strictSame(first.roster, ['acme.test'])
  await share(net, alice, thread, carol)
  await bob.ok('POST', `/api/invitations/${first.id}/accept`)
  await net.eventually('bob is shown initech', async () =>
    (await invitationsOf(bob)).some(
      ({ status, roster }) => status === 'open' && roster.includes('initech.test'),
    ),
  )
  t.equal(await textsOf(bob, thread), undefined)
  await bob.ok('POST', `/api/invitations/${first.id}/accept`)
  await net.eventually('bob is in', async () => (await textsOf(bob, thread)) !== undefined)
})

t.test('a copy that is taken again decides again about the companies in it', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  await allow(bob, { transitive: 'allow' })
  const group = await startGroup(alice, { title: 'Team' })
  const thread = await startThread(alice, { title: 'Prices', groups: [group] })
  await share(net, alice, thread, carol)
  await share(net, alice, group, bob)
  await net.eventually('bob is in', async () => (await textsOf(bob, thread)) !== undefined)
  await alice.ok('DELETE', `/api/spaces/${group}/members/${bob.id}`)
  await net.eventually('globex has purged its copy', async () => {
    const copies = await net.node('globex').context.db.selectFrom('space').select('id').execute()
    return !copies.some(({ id }) => id === thread)
  })
  await allow(bob, { transitive: 'ask' })
  await share(net, alice, group, bob)
  await net.eventually('the thread is held now', async () => {
    const { held } = (await bob.ask('GET', `/api/spaces/${thread}`)).body as Partial<Held>
    return held?.includes('initech.test') ?? false
  })
  // In no order: virtual time stands still while nodes talk.
  const verdicts = (await decisionsOf(bob, 'company')).flatMap(({ spaceId, facts, verdict }) =>
    spaceId === thread && facts['arrived'] === 'initech.test' ? [verdict] : [],
  )
  t.strictSame(verdicts.toSorted(), ['allowed', 'approval'])
})
