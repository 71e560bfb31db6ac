import t from 'tap'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { expirePending } from '#server/db/pending.ts'
import { forgeEvent, outcomes, submit } from '../helpers/forge.ts'
import {
  entriesOf,
  eventuallySees,
  post,
  share,
  startGroup,
  startThread,
  textsOf,
} from '../helpers/spaces.ts'
import {
  beginningOf,
  forgeGenesis,
  refusalOf,
  sharedGroup,
  type SharedGroup,
  start,
} from '../helpers/starting.ts'

// What a host makes of a thread that somebody of another company starts and may not, and what becomes of it there.

/** Submits a genesis with a first post; how it went, and that a refused one has left nothing. */
async function tryOut(
  { net }: Pick<SharedGroup, 'net'>,
  wish: Parameters<typeof forgeGenesis>[1],
): Promise<string[]> {
  const globex = net.node('globex').context
  const genesis = forgeGenesis(globex, wish)
  const { space } = genesis
  const host = (wish.host ?? 'acme.test') as NodeId
  const answer = await submit(globex, space, [
    genesis,
    forgeEvent(globex, { space, sender: wish.sender, host }),
  ])
  const { db } = net.node('acme').context
  for (const table of ['space', 'spaceState'] as const) {
    const column = table === 'space' ? 'id' : 'spaceId'
    const rows = await db
      .selectFrom(table)
      .selectAll()
      .where(column as never, '=', space as never)
      .execute()
    if (rows.length > 0) throw new Error(`Something of it is in ${table}.`)
  }
  for (const table of ['entry', 'content', 'recipient', 'proof'] as const) {
    const rows = await db.selectFrom(table).selectAll().where('spaceId', '=', space).execute()
    if (rows.length > 0) throw new Error(`Something of it is in ${table}.`)
  }
  return outcomes(answer)
}

t.test('[L10, E20] each thing that a host checks refuses the thread by its own name', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  const bea = await net.person('bea', 'globex')
  const sender = bob.id as UserId
  const notBobs = (await startGroup(alice, { title: 'Of acme alone' })) as SpaceId
  const ours = (await startGroup(bob, { title: 'Of globex' })) as SpaceId
  await share(net, bob, ours, alice)
  const thread = (await startThread(alice, { title: 'No group' })) as SpaceId
  await share(net, alice, thread, bob)
  const frozen = (await startGroup(alice, { title: 'Frozen' })) as SpaceId
  await share(net, alice, frozen, bob)
  await alice.ok('PUT', `/api/spaces/${frozen}/frozen`, { frozen: true })
  const stopped = (await startGroup(alice, { title: 'Stopped' })) as SpaceId
  await share(net, alice, stopped, bob)
  const { db } = net.node('acme').context
  await db.updateTable('space').set({ frozen: 'fork' }).where('id', '=', stopped).execute()
  const nowhere = `s_${'B'.repeat(42)}A` as SpaceId
  const inGroup = { users: [], groups: [group] }
  const cases: [string, Parameters<typeof forgeGenesis>[1], string][] = [
    ['somebody who is not in the group', { sender: bea.id as UserId, recipients: inGroup }, 'not-a-member'],
    ['a group that is not there', { sender, recipients: { users: [], groups: [nowhere] } }, 'not-a-member'],
    ['one in which they are not', { sender, recipients: { users: [], groups: [notBobs] } }, 'not-a-member'],
    ['one of two', { sender, recipients: { users: [], groups: [group, notBobs] } }, 'not-a-member'],
    ['a group of another host', { sender, recipients: { users: [], groups: [ours] } }, 'not-a-member'],
    ['groups of two hosts', { sender, recipients: { users: [], groups: [group, ours] } }, 'not-a-member'],
    ['what is no group', { sender, recipients: { users: [], groups: [thread] } }, 'not-a-member'],
    ['no group at all', { sender }, 'not-a-member'],
    ['a frozen group', { sender, recipients: { users: [], groups: [frozen] } }, 'space-frozen'],
    ['a group that was stopped', { sender, recipients: { users: [], groups: [stopped] } }, 'space-frozen'],
    ['people of the host', { sender, recipients: { ...inGroup, users: [alice.id as UserId] } }, 'no-right'],
    ['people of their own', { sender, recipients: { ...inGroup, users: [sender] } }, 'not-a-member'],
    ['a group', { sender, kind: 'group', recipients: { users: [], groups: [] } }, 'wrong-kind'],
    ['a dm', { sender, kind: 'dm', size: 2, recipients: { users: [], groups: [] } }, 'wrong-kind'],
    ['another host', { sender, host: 'globex.test', recipients: inGroup }, 'not-host'],
    ['a feature that nobody has', { sender, features: ['polls'], recipients: inGroup }, 'features-missing'],
  ]
  for (const [name, wish, code] of cases) {
    const [first, second] = await tryOut(world, wish)
    t.equal(first, code, name)
    t.not(second, 'accepted', `${name}, nor what is written in it`)
  }
  await db.updateTable('space').set({ frozen: null }).where('id', '=', stopped).execute()
})

t.test('[E20] who may only read in a group starts nothing there', async (t) => {
  await using world = await sharedGroup({ role: 'reader' })
  const { bob, group } = world
  const wish = { sender: bob.id as UserId, recipients: { users: [], groups: [group] } }
  t.strictSame((await tryOut(world, wish))[0], 'no-right')
})

t.test('[E1, L10] a genesis begins the space of its own hash, under a proof of its own node', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  const globex = net.node('globex').context
  const sender = bob.id as UserId
  const one = forgeGenesis(globex, { sender, recipients: { users: [], groups: [group] } })
  const two = forgeGenesis(globex, { sender, recipients: { users: [], groups: [group] } })
  t.strictSame(
    outcomes(await submit(globex, two.space, [one])),
    ['not-participating'],
    'not of another space',
  )
  t.strictSame(outcomes(await submit(globex, group, [one])), ['schema'], 'nor in one that is there')
  const early = forgeEvent(globex, { space: one.space, sender })
  t.strictSame(
    outcomes(await submit(globex, one.space, [early, one])),
    ['not-participating'],
    'it comes first',
  )
  t.strictSame(
    outcomes(await submit(globex, one.space, [one, two, early])),
    ['accepted', 'schema', 'accepted'],
    'and what is not of this space takes nothing with it',
  )
  t.strictSame(outcomes(await submit(globex, two.space, [{ hash: one.hash, wire: two.wire }])), [
    'signature-invalid',
  ])
  t.strictSame(
    (await entriesOf(alice, one.space)).map(({ type }) => type),
    ['space.create', 'msg.post'],
  )
})

t.test('[A15] the policy of the host is asked, and its decision is kept', async (t) => {
  await using world = await sharedGroup()
  const { alice, bob, group } = world
  const policy = await alice.get<object>('/api/policies')
  await alice.ok('PUT', '/api/policies', { ...policy, inviteExternals: 'admins' })
  const wish = { sender: bob.id as UserId, recipients: { users: [], groups: [group] } }
  t.strictSame((await tryOut(world, wish))[0], 'policy-forbids')
  const { decisions } = await alice.get<{ decisions: object[] }>('/api/decisions')
  t.match(
    decisions.find((one) => 'kind' in one && one.kind === 'gathering'),
    { actor: { id: bob.id }, verdict: 'refused', rule: 'inviteExternals=admins' },
  )
})

t.test('a refused thread stays with who started it, with the reason and every word', async (t) => {
  await using world = await sharedGroup({ role: 'reader' })
  const { net, alice, bob, group } = world
  const { id } = await start(bob, [group], { title: 'Delivery', text: 'When?' })
  t.equal(await refusalOf(net, bob, id), 'no-right')
  const { pending } = await bob.get<{ pending: object[] }>(`/api/spaces/${id}/entries`)
  t.match(pending, [
    { type: 'space.create', state: 'refused', code: 'no-right' },
    { type: 'msg.post', state: 'refused', code: 'no-right', content: { text: 'When?' } },
  ])
  t.match(await bob.ask('POST', `/api/spaces/${id}/messages`, { text: 'Hello?' }), {
    status: 403,
    body: { type: 'urn:parley:problem:no-right' },
  })
  const { spaces } = await bob.get<{ spaces: { id: string }[] }>('/api/spaces')
  t.match(
    spaces.find((space) => space.id === id),
    { beginning: { state: 'refused', code: 'no-right' } },
  )
  t.strictSame(await textsOf(alice, id), undefined)
  const { unsent } = await bob.get<{ unsent: { id: string; type: string; text: string }[] }>('/api/unsent')
  t.match(unsent, [
    { space: id, type: 'msg.post', text: 'When?', code: 'no-right' },
    { space: id, type: 'space.create', text: 'Delivery', code: 'no-right' },
  ])
  for (const one of unsent) await bob.ok('DELETE', `/api/unsent/${one.id}`)
  t.equal(await beginningOf(bob, id), undefined, 'until they delete it')
})

t.test('somebody who is removed while their thread is on its way is refused', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  net.cut('acme', 'globex')
  const { id } = await start(bob, [group])
  await post(bob, id, 'And where?')
  await alice.ok('DELETE', `/api/spaces/${group}/members/${bob.id}`)
  net.heal('acme', 'globex')
  t.equal(await refusalOf(net, bob, id), 'not-a-member')
  t.strictSame(await textsOf(alice, id), undefined)
  const { unsent } = await bob.get<{ unsent: { text: string }[] }>('/api/unsent')
  t.strictSame(
    unsent.map(({ text }) => text),
    ['And where?', 'When?', 'Delivery'],
  )
})

t.test('[L11] what began before a removal stays begun, whatever comes again afterwards', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  const globex = net.node('globex').context
  const sender = bob.id as UserId
  const genesis = forgeGenesis(globex, { sender, recipients: { users: [], groups: [group] } })
  const { space } = genesis
  const first = forgeEvent(globex, { space, sender })
  t.strictSame(outcomes(await submit(globex, space, [genesis, first])), ['accepted', 'accepted'])
  await eventuallySees(net, bob, space, 'Forged.')
  await alice.ok('DELETE', `/api/spaces/${group}/members/${bob.id}`)
  await net.eventually('bob is out', async () => (await textsOf(bob, space)) === undefined)
  t.strictSame(outcomes(await submit(globex, space, [genesis, first])), ['duplicate', 'duplicate'])
  const late = forgeEvent(globex, { space, sender })
  t.strictSame(outcomes(await submit(globex, space, [genesis, late])), ['duplicate', 'not-participating'])
  t.strictSame(await textsOf(alice, space), ['Forged.'])
})

const threeDays = 72 * 3_600_000 + 1

t.test(
  'a thread that reaches its host after three days is refused; one that was never sent expires',
  async (t) => {
    await using world = await sharedGroup()
    const { net, alice, bob, group } = world
    net.cut('acme', 'globex')
    const { id: sent } = await start(bob, [group])
    await net.clock.leap(threeDays)
    t.match(await beginningOf(bob, sent), { state: 'sent' }, 'it may have arrived')
    net.heal('acme', 'globex')
    t.equal(await refusalOf(net, bob, sent), 'event-expired')
    t.strictSame(await textsOf(alice, sent), undefined)

    net.cut('acme', 'globex')
    const { id } = await start(bob, [group])
    await post(bob, id, 'And where?')
    const { db, clock } = net.node('globex').context
    await db.updateTable('pending').set({ state: 'queued' }).where('spaceId', '=', id).execute()
    // What was written later has longer, and goes with the thread all the same.
    await db.updateTable('pending').set({ expiresAt: clock.now() }).where('begins', '=', true).execute()
    await db.transaction().execute(async (tx) => await expirePending(tx, clock.now() + 1))
    t.match(await beginningOf(bob, id), { state: 'expired' })
    t.match(await bob.ask('POST', `/api/spaces/${id}/messages`, { text: 'Hello?' }), {
      body: { type: 'urn:parley:problem:event-expired' },
    })
    const { unsent } = await bob.get<{ unsent: object[] }>('/api/unsent')
    t.match(unsent.slice(0, 3), [
      { text: 'And where?' },
      { text: 'When?' },
      { text: 'Delivery', state: 'expired' },
    ])
  },
)

t.test('a thread that its host has, and that never comes here, is given back to who wrote it', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  const lost = net.wire.lose((_, __, { target }) => /\/(entries|threads)/.test(target))
  const { id } = await start(bob, [group])
  await net.eventually('it was accepted', async () => (await beginningOf(bob, id))?.state === 'accepted')
  await net.clock.leap(threeDays)
  await net.eventually('it expires', async () => (await beginningOf(bob, id))?.state === 'expired')
  lost()
  net.hear('acme', 'globex')
  await eventuallySees(net, bob, id, 'When?')
  t.equal(await beginningOf(bob, id), null, 'and when it comes after all it is what everybody has')
  t.match(await bob.get('/api/unsent'), { unsent: [] })
  t.strictSame(await textsOf(alice, id), ['When?'])
})

t.test(
  'a thread that its host has, and that was taken from its group at once, is waited for no more',
  async (t) => {
    await using world = await sharedGroup()
    const { net, alice, bob, group } = world
    const { db } = net.node('globex').context
    const lost = net.wire.lose((_, __, { target }) => /\/(entries|threads)/.test(target))
    const unheard = net.wire.loseAnswers((_, __, { target }) => target.endsWith('/submit'))
    const { id } = await start(bob, [group])
    await net.eventually('acme has it', async () => (await textsOf(alice, id)) !== undefined)
    await alice.ok('DELETE', `/api/spaces/${id}/groups/${group}`)
    await net.eventually('globex has done what it was told', async () => {
      const rows = await db.selectFrom('fenceSpace').select('outcome').where('spaceId', '=', id).execute()
      return rows.length > 0 && rows.every(({ outcome }) => outcome !== null)
    })
    unheard()
    lost()
    await net.eventually('bob waits no more', async () => {
      return (await bob.ask('GET', `/api/spaces/${id}`)).status === 404
    })
    t.strictSame(await db.selectFrom('pending').select('state').execute(), [])
  },
)

t.test('the API says what cannot be started before anything is sent', async (t) => {
  await using world = await sharedGroup()
  const { net, bob, group } = world
  const bea = await net.person('bea', 'globex')
  const ours = await startGroup(bob, { title: 'Ours' })
  const base = { kind: 'thread', title: 'No', companies: ['acme.test'] }
  const tries: [string, object, object][] = [
    [
      'groups of two hosts',
      { ...base, groups: [group, ours] },
      { status: 409, body: { type: 'urn:parley:problem:other-host' } },
    ],
    [
      'people by handle',
      { ...base, groups: [group], people: ['bea'] },
      { body: { type: 'urn:parley:problem:people-elsewhere' } },
    ],
    [
      'a company nobody agreed to',
      { ...base, groups: [group], companies: [] },
      { body: { type: 'urn:parley:problem:companies-changed' } },
    ],
    [
      'no words',
      { ...base, groups: [group], message: { text: ' ' } },
      { status: 422, body: { type: 'urn:parley:problem:text-empty' } },
    ],
    [
      'a group in a group',
      { ...base, kind: 'group', groups: [group] },
      { body: { type: 'urn:parley:problem:wrong-kind' } },
    ],
  ]
  for (const [name, body, answer] of tries) t.match(await bob.ask('POST', '/api/spaces', body), answer, name)
  t.match(await bea.ask('POST', '/api/spaces', { ...base, groups: [group] }), { status: 404 }, 'not in it')
  const { db } = net.node('globex').context
  t.strictSame(await db.selectFrom('pending').selectAll().execute(), [])
  t.strictSame(
    await db.selectFrom('beginning').select('sender').execute(),
    [{ sender: bob.id }],
    'of the one that is hosted here',
  )
})
