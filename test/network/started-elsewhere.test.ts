import t from 'tap'
import type { NodeId, UserId } from '#schema/ids.ts'
import { closeHolds, insertHold } from '#server/db/holds.ts'
import { forgeEvent, outcomes, submit } from '../helpers/forge.ts'
import type { Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { entriesOf, eventuallySees, post, share, textsOf } from '../helpers/spaces.ts'
import { beginningOf, forgeGenesis, sharedGroup, start } from '../helpers/starting.ts'
import { whyOf } from '../helpers/why.ts'

// A thread is started by somebody of another company in a group that they are in: its host is the group's (A15).

async function eventuallyKnows(net: Network, person: Person, space: string, node: string): Promise<void> {
  await net.eventually(`${person.handle} sees ${node} in it`, async () =>
    (await person.get<{ nodes: string[] }>(`/api/spaces/${space}`)).nodes.includes(node),
  )
}

t.test(
  'SUB-54: a thread started from elsewhere goes to its host with its first post, and comes back',
  async (t) => {
    await using world = await sharedGroup()
    const { net, alice, bob, group } = world
    net.cut('acme', 'globex')
    const thread = await start(bob, [group])
    t.match(thread, { kind: 'thread', host: 'acme.test', title: 'Delivery', headSeq: 0, fromSeq: 1 })
    t.match(thread.beginning, { code: null })
    const { pending } = await bob.get<{ pending: { type: string }[] }>(`/api/spaces/${thread.id}/entries`)
    t.strictSame(
      pending.map(({ type }) => type),
      ['space.create', 'msg.post'],
    )
    t.equal((await post(bob, thread.id, 'And where?')).state, 'queued', 'it can be written in meanwhile')
    t.strictSame(await textsOf(alice, thread.id), undefined, 'nobody else has it')

    net.heal('acme', 'globex')
    net.hear('globex', 'acme')
    await eventuallySees(net, alice, thread.id, 'And where?')
    await eventuallySees(net, bob, thread.id, 'And where?')
    t.equal(await beginningOf(bob, thread.id), null, 'what was pending has become the real one')
    const submissions = net.wire
      .heardBy('acme.test')
      .filter(({ target, status }) => target.endsWith(`${thread.id}/submit`) && status === 200)
    t.equal(submissions.length, 1, 'in one submission')
    for (const person of [alice, bob]) {
      const entries = await entriesOf(person, thread.id)
      t.strictSame(
        entries.map(({ seq, type, standing, sender }) => [seq, type, standing, sender]),
        [
          [1, 'space.create', 'verified', bob.id],
          [2, 'msg.post', 'verified', bob.id],
          [3, 'msg.post', 'verified', bob.id],
        ],
      )
      t.match(await person.get(`/api/spaces/${thread.id}`), { host: 'acme.test', starter: { id: bob.id } })
    }
    await post(alice, thread.id, 'On Friday.')
    await eventuallySees(net, bob, thread.id, 'On Friday.')
    const { db } = net.node('globex').context
    t.strictSame(await db.selectFrom('pending').selectAll().execute(), [])
    t.strictSame(await db.selectFrom('promise').selectAll().execute(), [], 'and the promises were kept')
  },
)

t.test(
  '[L11, E10] the same submission again is one space, and the second answer is "duplicate"',
  async (t) => {
    await using world = await sharedGroup()
    const { net, alice, bob, group } = world
    const globex = net.node('globex').context
    const sender = bob.id as UserId
    const genesis = forgeGenesis(globex, { sender, recipients: { users: [], groups: [group] } })
    const { space } = genesis
    const first = forgeEvent(globex, { space, sender })
    t.strictSame(outcomes(await submit(globex, space, [genesis, first])), ['accepted', 'accepted'])
    const again = await submit(globex, space, [genesis, first])
    t.strictSame(outcomes(again), ['duplicate', 'duplicate'])
    t.match(again, { value: { results: [{ entry: /"seq":1,/ }, { entry: /"seq":2,/ }], checkpoint: String } })
    const both = await Promise.all([submit(globex, space, [genesis]), submit(globex, space, [genesis])])
    t.strictSame(both.flatMap(outcomes), ['duplicate', 'duplicate'])
    await eventuallySees(net, bob, space, 'Forged.')
    t.equal((await entriesOf(alice, space)).length, 2)
  },
)

t.test('[L11] two at once, and twice in one submission, begin one space', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  const globex = net.node('globex').context
  const genesis = forgeGenesis(globex, {
    sender: bob.id as UserId,
    recipients: { users: [], groups: [group] },
  })
  const { space } = genesis
  const both = await Promise.all([
    submit(globex, space, [genesis, genesis]),
    submit(globex, space, [genesis, genesis]),
  ])
  t.strictSame(both.flatMap(outcomes).toSorted(), ['accepted', 'duplicate', 'duplicate', 'duplicate'])
  t.equal((await entriesOf(alice, space)).length, 1)
})

t.test('SUB-54: an answer that is lost changes nothing: it is sent again and found', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  const isSubmission = (_: string, __: string, request: { target: string }): boolean =>
    request.target.endsWith('/submit')
  // The log does not come either, so that only the answer can say what became of it.
  const lose = net.wire.loseAnswers(isSubmission)
  const hold = net.wire.lose((from, _, { target }) => from === 'acme.test' && target.endsWith('/entries'))
  const { id } = await start(bob, [group])
  await net.eventually('the host has it', async () => (await textsOf(alice, id)) !== undefined)
  t.match(await beginningOf(bob, id), { state: 'sent' })
  lose()
  await net.eventually(
    'the answer is here',
    async () => (await beginningOf(bob, id))?.state === 'accepted',
    600_000,
  )
  t.strictSame(await textsOf(bob, id), [], 'their own words are shown as waiting until the log has come')
  hold()
  await eventuallySees(net, bob, id, 'When?')
  t.equal((await entriesOf(alice, id)).length, 2)
})

t.test('SUB-54: a crash between the wish and the submission loses nothing', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  net.cut('acme', 'globex')
  const { id } = await start(bob, [group], { key: 'once' })
  await net.crash('globex')
  net.heal('acme', 'globex')
  await net.restart('globex')
  await eventuallySees(net, alice, id, 'When?')
  await eventuallySees(net, bob, id, 'When?')
  t.equal((await start(bob, [group], { key: 'once' })).id, id, 'and who asks again is shown what there is')
  t.equal((await entriesOf(alice, id)).length, 2)
})

t.test('the same wish under the same key is one thread; another wish under it is refused', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  net.cut('acme', 'globex')
  const { id } = await start(bob, [group], { key: 'once' })
  t.equal((await start(bob, [group], { key: 'once' })).id, id)
  await t.rejects(start(bob, [group], { key: 'once', text: 'How much?' }), /idempotency-conflict/)
  await t.rejects(start(bob, [group], { key: 'once', title: 'Another' }), /idempotency-conflict/)
  const waiting = await net.node('globex').context.db.selectFrom('pending').select('spaceId').execute()
  t.strictSame(waiting, [{ spaceId: id }, { spaceId: id }])
  net.heal('acme', 'globex')
  net.hear('globex', 'acme')
  await eventuallySees(net, alice, id, 'When?')
  await eventuallySees(net, bob, id, 'When?')
  t.equal((await start(bob, [group], { key: 'once' })).id, id)
})

t.test(
  '[A5] every company that is in the group gets the thread, with the proof of who began it',
  async (t) => {
    await using world = await sharedGroup({ nodes: ['acme', 'globex', 'initech'] })
    const { net, alice, bob, group } = world
    const carol = await net.person('carol', 'initech')
    await net.befriend('acme', 'initech')
    await net.befriend('globex', 'initech')
    await share(net, alice, group, carol)
    await eventuallyKnows(net, bob, group, 'initech.test')
    const { id } = await start(bob, [group])
    for (const person of [alice, bob, carol]) await eventuallySees(net, person, id, 'When?')
    const [genesis] = await entriesOf(carol, id)
    t.match(genesis, { type: 'space.create', standing: 'verified', sender: bob.id })
    await post(carol, id, 'Soon.')
    for (const person of [alice, bob]) await eventuallySees(net, person, id, 'Soon.')
  },
)

t.test(
  '[V3] somebody of a third company is invited into a thread that was started from elsewhere',
  async (t) => {
    await using world = await sharedGroup({ nodes: ['acme', 'globex', 'initech'] })
    const { net, alice, bob, group } = world
    const carol = await net.person('carol', 'initech')
    const carl = await net.person('carl', 'initech')
    await net.befriend('acme', 'initech')
    await net.befriend('globex', 'initech')
    const { id } = await start(bob, [group])
    await eventuallySees(net, alice, id, 'When?')
    await share(net, alice, id, carol, { history: 'now' })
    await post(alice, id, 'Welcome.')
    await eventuallySees(net, carol, id, 'Welcome.')
    t.strictSame(
      await textsOf(carol, id),
      ['Welcome.'],
      'her copy begins with a snapshot, under the same genesis',
    )
    await share(net, alice, id, carl)
    await eventuallySees(net, carl, id, 'When?')
  },
)

t.test('an operator sees what became of a thread that waits, at both ends', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  net.cut('acme', 'globex')
  const { id } = await start(bob, [group])
  await net.clock.advance(100)
  const waiting = await whyOf(bob, id, 'message')
  t.match(waiting, { type: 'space.create', space: id, state: 'sent', hindrance: { reason: 'connect' } })
  t.match(waiting.text, /It is not in the log yet.*acme\.test refuses the connection/s)
  net.heal('acme', 'globex')
  net.hear('globex', 'acme')
  await eventuallySees(net, bob, id, 'When?')
  t.match(await whyOf(bob, waiting.id, 'message'), { state: 'placed', seq: 1 })
  t.match(await whyOf(bob, id, 'space'), { host: 'acme.test', isHost: false })
  t.match(await whyOf(alice, id, 'space'), { isHost: true, followers: [{ node: 'globex.test' }] })
  const { db } = net.node('acme').context
  const heard = await db
    .selectFrom('exchange')
    .select(['direction', 'route', 'verdict', 'peer'])
    .where('spaceId', '=', id)
    .execute()
  t.ok(
    heard.some(({ direction, route }) => direction === 'in' && route.endsWith('/submit')),
    'with the submission in the federation log',
  )
})

t.test('[A5] what holds a group up holds the threads that are to address it', async (t) => {
  await using world = await sharedGroup()
  const { net, alice, bob, group } = world
  net.cut('acme', 'globex')
  const { id } = await start(bob, [group])
  const { db, clock } = net.node('globex').context
  const since = { since: clock.now(), seq: 1, rule: 'transitive=ask' }
  const hold = { spaceId: group, node: 'initech.test' as NodeId, ...since }
  await db.transaction().execute(async (tx) => await insertHold(tx, hold))
  // As if it had not been tried: what was sent is asked about in any case.
  await db.updateTable('pending').set({ state: 'queued' }).execute()
  net.heal('acme', 'globex')
  net.hear('globex', 'acme')
  await net.clock.advance(30_000)
  t.match(await bob.get(`/api/spaces/${id}`), { held: ['initech.test'], beginning: { state: 'queued' } })
  t.match(await bob.ask('POST', `/api/spaces/${id}/messages`, { text: 'Hello?' }), {
    body: { type: 'urn:parley:problem:space-held' },
  })
  t.equal(await textsOf(alice, id), undefined)
  const decided = { by: null, at: clock.now() }
  await db.transaction().execute(async (tx) => await closeHolds(tx, group, decided))
  await eventuallySees(net, alice, id, 'When?')
  await eventuallySees(net, bob, id, 'When?')
})
