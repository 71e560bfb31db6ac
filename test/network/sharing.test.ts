import t from 'tap'
import { network } from '../helpers/network.ts'
import { entriesOf, eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'
import { threeCompanies } from '../helpers/three-companies.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

t.test(
  'INV-01, IDN-01: somebody of another company joins a thread, and each sees what the other writes',
  async (t) => {
    const { net, alice, bob } = await twoCompanies()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const thread = await startThread(alice, { title: 'Launch' })
    await post(alice, thread, 'Before you came.')
    await share(net, alice, thread, bob)
    await eventuallySees(net, bob, thread, 'Before you came.')

    const queued = await post(bob, thread, 'Hello from globex.')
    t.equal(queued.state, 'queued', 'what is hosted elsewhere waits for its host')
    await eventuallySees(net, alice, thread, 'Hello from globex.')
    await eventuallySees(net, bob, thread, 'Hello from globex.')

    const seen = await bob.get<{ members: { person: { name: string; external: boolean; node: string } }[] }>(
      `/api/spaces/${thread}`,
    )
    const people = seen.members.map(({ person }) => [person.name, person.node, person.external])
    t.strictSame(people, [
      ['alice', 'acme.test', true],
      ['bob', 'globex.test', false],
    ])
    t.strictSame(await entriesOf(alice, thread).then(linesOf), await entriesOf(bob, thread).then(linesOf))
    const { pending } = await bob.get<{ pending: unknown[] }>(`/api/spaces/${thread}/entries`)
    t.strictSame(pending, [], 'nothing of his waits any more')
  },
)

t.test('INV-02: somebody who declines is sent nothing of the space', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await post(alice, thread, 'A secret of acme.')
  const { id } = await alice.ok<{ id: string }>('POST', `/api/spaces/${thread}/invitations`, {
    to: { address: bob.address },
    companies: ['globex.test'],
  })
  const hasIt = async (): Promise<boolean> =>
    (await bob.get<{ invitations: unknown[] }>('/api/invitations')).invitations.length === 1
  await net.eventually('bob has the invitation', hasIt)
  await bob.ok('POST', `/api/invitations/${id}/decline`)
  await net.eventually('alice has nobody invited', async () => {
    const { invitations } = await alice.get<{ invitations: unknown[] }>(`/api/spaces/${thread}`)
    return invitations.length === 0
  })
  await net.clock.advance(60_000)
  t.equal(await textsOf(bob, thread), undefined)
  t.notOk(net.wire.heardBy('globex.test').some(({ body }) => body.includes('A secret of acme.')))
})

t.test('a message written while a peer is away reaches it when it returns', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  net.cut('acme', 'globex')
  await post(alice, thread, 'Are you there?')
  await post(bob, thread, 'Is anybody there?')
  await net.clock.advance(60_000)
  t.strictSame(await textsOf(bob, thread), [])
  net.heal('acme', 'globex')
  await eventuallySees(net, bob, thread, 'Are you there?')
  await eventuallySees(net, alice, thread, 'Is anybody there?')
})

t.test('UNI-11: what is written arrives byte for byte, whatever Unicode makes of it', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Bytes' })
  await share(net, alice, thread, bob)
  // A family joined by ZWJ, right-to-left with its marks, and one name in two normal forms.
  const texts = [
    '\u{1F469}\u200D\u{1F469}\u200D\u{1F467}',
    '\u200F\u05E9\u05DC\u05D5\u05DD 123 \u200E!',
    'Zoe\u0308',
    'Zo\u00EB',
  ]
  for (const text of texts) await post(alice, thread, text)
  await eventuallySees(net, bob, thread, texts.at(-1)!)
  t.strictSame(await textsOf(bob, thread), texts)
  const stored = async (name: string): Promise<unknown> =>
    await net.node(name).context.db.selectFrom('content').select(['seq', 'text']).orderBy('seq').execute()
  t.strictSame(await stored('globex'), await stored('acme'))
})

t.test('FAN-01: a thread reaches only the nodes whose people are in it', async (t) => {
  const net = await network(['acme', 'globex', 'initech'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.person('carol', 'initech')
  await net.befriend('acme', 'globex')
  await net.befriend('acme', 'initech')
  await net.befriend('globex', 'initech')
  const before = net.wire.heardBy('initech.test').length
  const thread = await startThread(alice, { title: 'Not for initech' })
  await share(net, alice, thread, bob)
  await post(alice, thread, 'Nobody else hears this.')
  await eventuallySees(net, bob, thread, 'Nobody else hears this.')
  await net.clock.advance(2 * 60_000)
  const heard = net.wire.heardBy('initech.test').slice(before)
  const about = heard.filter(
    ({ body, target }) => /Not for initech|Nobody else/.test(body) || target.includes(thread),
  )
  t.strictSame(about, [], 'initech gets not one byte about it')
})

t.test('posts from three nodes end in one order everywhere', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  const thread = await startThread(alice, { title: 'Three companies' })
  await share(net, alice, thread, bob)
  await share(net, alice, thread, carol)
  let turn = 0
  const stop = net.wire.delay(
    () => true,
    () => [5, 90, 20, 300, 1][turn++ % 5]!,
  )
  const people = [alice, bob, carol]
  for (let round = 0; round < 4; round++) {
    await Promise.all(people.map(async (person) => await post(person, thread, `${person.handle} ${round}`)))
  }
  await net.eventually('everybody sees twelve messages', async () => {
    const texts = await Promise.all(people.map(async (person) => await textsOf(person, thread)))
    return texts.every((list) => list?.length === 12)
  })
  stop()
  const [atAcme, atGlobex, atInitech] = await Promise.all(
    people.map(async (person) => linesOf(await entriesOf(person, thread))),
  )
  t.strictSame(atGlobex, atAcme)
  t.strictSame(atInitech, atAcme)
  const bobs = (await textsOf(alice, thread))!.filter((text) => text.startsWith('bob'))
  t.strictSame(bobs, ['bob 0', 'bob 1', 'bob 2', 'bob 3'], 'what one person writes stays in its order')
})

function linesOf(entries: Awaited<ReturnType<typeof entriesOf>>): unknown[] {
  return entries.map(({ seq, type, standing, sender, content }) => [seq, type, standing, sender, content])
}
