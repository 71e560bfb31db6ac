import t from 'tap'
import { fingerprint } from '#federation/operation-log.ts'
import type { KeyConflict } from '#schema/api/key-conflicts.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { discover } from '#server/peers/discovery/discover.ts'
import { reloadOwnDocuments } from '#server/peers/discovery/self.ts'
import { keepRotating, prepareRotation } from '#server/peers/own-keys/rotate.ts'
import { forgeEvent, submit } from '../helpers/forge.ts'
import { idOf, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { exchangesOf } from '../helpers/records.ts'
import { entriesOf, eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

// Two companies share a thread while the keys of one of them change.

const hour = 60 * 60_000

type World = AsyncDisposable & { net: Network; alice: Person; bob: Person; thread: SpaceId }

async function sharedThread(): Promise<World> {
  const { net, alice, bob } = await twoCompanies()
  const thread = (await startThread(alice, { title: 'Launch' })) as SpaceId
  await share(net, alice, thread, bob)
  return { net, alice, bob, thread, [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose]() }
}

/** The keys that the host wrote down with the messages of a space, in their order. */
async function kidsOf(net: Network, space: SpaceId): Promise<string[]> {
  const rows = await net
    .node('acme')
    .context.db.selectFrom('entry')
    .select(['text'])
    .where('spaceId', '=', space)
    .where('type', '=', 'msg.post')
    .orderBy('seq')
    .execute()
  return rows.map(({ text }) => (JSON.parse(text) as { kid: string }).kid)
}

/** Time has passed, in which nobody was asleep for longer than a lease lasts. */
async function pass(net: Network, hours: number): Promise<void> {
  for (let passed = 0; passed < hours; passed += 12) {
    await net.clock.leap(12 * hour)
    for (const [node, peer] of [
      ['acme', 'globex'],
      ['globex', 'acme'],
    ] as const)
      net.hear(node, peer)
    await net.clock.advance(65_000)
  }
}

t.test(
  'KEY-03 KEY-07 SUB-52: a key changes while messages are under way: all arrive, none twice, some by each key',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, thread } = world
    const acme = net.node('acme').context
    const globex = net.node('globex').context
    const { keys } = globex
    const old = keys.key.kid
    const rotation = (await prepareRotation(globex))!
    t.equal(keys.key.kid, old, 'it is published before it is used')
    t.equal(await prepareRotation(globex), undefined, 'one at a time')
    await pass(net, 24)
    t.equal(keys.key.kid, rotation.to, 'the clock has switched')

    const isSubmission: Parameters<typeof net.wire.delay>[0] = (from, _to, { target }) =>
      from === 'globex.test' && target.endsWith('/submit')
    const quick = net.wire.delay(isSubmission, () => 2_000)
    // As by two processes, of which one has not looked yet.
    keys.use(old)
    const first = ['one', 'two', 'three']
    for (const text of first) await post(bob, thread, text)
    await net.clock.advance(500)
    keys.use(rotation.to)
    await post(bob, thread, 'four')
    await eventuallySees(net, alice, thread, 'four')
    const used = await kidsOf(net, thread)
    t.strictSame([used[0], used.at(-1)], [old, rotation.to], 'some by each key')
    quick()
    const repeated = forgeEvent(globex, { space: thread, sender: bob.id as UserId })
    keys.use(old)
    t.match(await submit(globex, thread, [repeated]), { value: { results: [{ status: 'accepted' }] } })
    keys.use(rotation.to)

    const oneWayMs = 40_000
    await net.clock.leap(rotation.endsAt * 1000 - net.clock.now - 60_000)
    const slow = net.wire.delay(isSubmission, () => oneWayMs)
    await net.clock.advance(30_000)
    keys.use(old)
    await post(bob, thread, 'five, with the last of the old key')
    await net.clock.advance(31_000)
    await keepRotating(globex)
    t.strictSame(
      keys.held.map(({ kid }) => kid),
      [rotation.to],
      'the old private key is gone',
    )
    await discover(acme, globex.node)
    await net.clock.advance(15_000)
    slow()
    await eventuallySees(net, alice, thread, 'five, with the last of the old key')
    const submissions = (await exchangesOf(acme)).filter(
      ({ direction, route }) => direction === 'in' && route.endsWith('/submit'),
    )
    const late = submissions.findIndex(({ code }) => code === 'key-retired')
    t.not(late, -1, 'it came too late for its key')
    const again = submissions[late + 1]
    t.equal(again?.verdict, 'accepted')
    t.ok(
      again!.at - submissions[late]!.at < oneWayMs + 100,
      'and was signed again as soon as the answer was there',
    )
    t.equal((await kidsOf(net, thread)).at(-1), rotation.to)

    t.match(
      await submit(globex, thread, [repeated]),
      { value: { results: [{ status: 'duplicate' }] } },
      'what was proved by the old key is known under a new proof',
    )
    const texts = [...first, 'four', 'Forged.', 'five, with the last of the old key']
    for (const person of [alice, bob]) {
      await net.eventually('all of it', async () => (await textsOf(person, thread))?.length === texts.length)
      t.strictSame(await textsOf(person, thread), texts)
      const standings = (await entriesOf(person, thread)).map(({ standing }) => standing)
      t.strictSame(new Set(standings), new Set(['verified']), 'what the old key proved stays proved')
    }
  },
)

t.test('a removal that waited through a rotation is signed anew, and is the same order', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  const acme = net.node('acme').context
  const globex = net.node('globex').context
  const fences = async ({ db }: typeof acme) =>
    await db.selectFrom('fence').select(['n', 'jws', 'ackedAt']).execute()
  const old = acme.keys.key.kid
  const lost = net.wire.loseAnswers((_from, _to, { target }) => target.endsWith('/v1/fences'))
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.eventually(
    'globex has it, and acme does not know',
    async () => (await fences(globex)).length === 1,
  )
  const [first] = await fences(acme)
  t.match(first, { n: 1, ackedAt: null })
  t.equal(kidIn(first!.jws!), old)
  net.cut('acme', 'globex')
  lost()
  const rotation = (await prepareRotation(acme))!
  for (let day = 0; day < 3; day++) {
    await net.clock.leap(24 * hour)
    await keepRotating(acme)
  }
  t.strictSame(
    acme.keys.held.map(({ kid }) => kid),
    [rotation.to],
    'the old key is gone',
  )
  net.heal('acme', 'globex')
  await discover(globex, acme.node)
  net.hear('acme', 'globex')
  await net.eventually('it is confirmed', async () => (await fences(acme))[0]!.ackedAt !== null, hour)
  const sent = net.wire
    .heardBy('globex.test')
    .filter(({ method, target }) => method === 'POST' && target.endsWith('/v1/fences'))
  const { fence } = JSON.parse(sent.at(-1)!.body) as { fence: string }
  t.equal(kidIn(fence), rotation.to)
  t.equal(fence.split('.')[1], first!.jws!.split('.')[1], 'over the same payload')
  t.equal((await fences(globex)).length, 1, 'and no second order')
  const alarms = await globex.db.selectFrom('securityEvent').select('kind').execute()
  t.strictSame(alarms, [], 'nor a conflict')
})

/** The key that a signed document names. */
function kidIn(jws: string): string {
  const [head = ''] = jws.split('.', 1)
  return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid
}

t.test(
  'KEY-06: after a key conflict nothing goes on until an administrator has compared and decided',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, thread } = world
    const acme = net.node('acme').context
    const before = (
      await acme.db
        .selectFrom('peer')
        .selectAll()
        .where('node', '=', 'globex.test' as NodeId)
        .execute()
    )[0]!
    await loseHistory(net, 'globex')
    t.match(await discover(acme, idOf('globex') as NodeId, true), { ok: false, code: 'key-conflict' })
    await post(alice, thread, 'Is that still you?')
    const written = await bob.ask('POST', `/api/spaces/${thread}/messages`, { text: 'It is.' })
    t.equal(written.status, 201, 'globex does not know yet')
    await net.clock.advance(20_000)
    t.notOk((await textsOf(bob, thread))?.includes('Is that still you?'), 'nothing goes out')
    t.notOk((await textsOf(alice, thread))?.includes('It is.'), 'and nothing comes in')

    const conflict = await alice.get<KeyConflict>('/api/peers/globex.test/key-conflict')
    const { fingerprint: theirs } = await bob.get<{ fingerprint: string }>('/api/peers')
    t.match(conflict, { why: 'genesis', pinned: fingerprint(before.genesisHash), shown: theirs })
    t.not(conflict.pinned, theirs)
    const wrong = await alice.ask('POST', '/api/peers/globex.test/repin', { fingerprint: conflict.pinned })
    t.match(wrong, { status: 409, body: { type: /wrong-fingerprint/ } })
    t.match(await alice.ask('POST', '/api/peers/globex.test/repin', { fingerprint: ` ${theirs} ` }), {
      status: 200,
      body: { state: 'partner', fingerprint: theirs },
    })
    await eventuallySees(net, bob, thread, 'Is that still you?')
    await eventuallySees(net, alice, thread, 'It is.')
    t.match(await acme.db.selectFrom('audit').selectAll().where('act', '=', 'peer.repin').execute(), [
      { actor: alice.id, subject: 'globex.test', detail: `${conflict.pinned} -> ${theirs}` },
    ])
    t.equal((await alice.ask('GET', '/api/peers/globex.test/key-conflict')).status, 404, 'it is over')
  },
)

t.test('KEY-06: what a company in a key conflict hosts can be read, and not written in', async (t) => {
  await using world = await sharedThread()
  const { net, bob, thread } = world
  await post(bob, thread, 'Before.')
  await eventuallySees(net, bob, thread, 'Before.')
  await loseHistory(net, 'acme')
  await discover(net.node('globex').context, idOf('acme') as NodeId, true)
  t.strictSame(await textsOf(bob, thread), ['Before.'])
  const posted = await bob.ask('POST', `/api/spaces/${thread}/messages`, { text: 'To whom?' })
  t.match(posted, { status: 409, body: { type: /host-silent/ } })
})

/** A node that has lost its key history begins a new one, under which nobody knows it. */
async function loseHistory(net: Network, name: string): Promise<void> {
  const { db } = net.node(name).context
  const node = idOf(name) as NodeId
  await db.deleteFrom('nodeOp').where('node', '=', node).execute()
  await db.deleteFrom('peer').where('node', '=', node).execute()
  await net.clock.advance(1_000)
  await reloadOwnDocuments(net.node(name).context)
}
