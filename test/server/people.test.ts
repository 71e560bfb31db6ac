import t from 'tap'
import type { Person, Profile } from '#schema/person.ts'
import type { Space, SpaceSummary } from '#schema/space.ts'
import { rememberLooks } from '#server/domain/profiles.ts'
import { skeletonOf } from '#server/ports/skeleton.ts'
import { codeOf, testNode, type TestNode, type TestPerson } from '../helpers/node.ts'
import { makeGuest, meetStranger } from '../helpers/people.ts'

// People as one sees them: who is external, who is vouched for, whose name misleads, and whose card may be read.

async function acme(): Promise<{ node: TestNode; alice: TestPerson; anna: TestPerson }> {
  const node = await testNode({ config: { organisation: 'Acme Works' } })
  return { node, alice: await node.signUp('alice'), anna: await node.signUp('anna') }
}

async function spaceOf(person: TestPerson, title: string, people: string[] = []): Promise<Space> {
  const answer = await person.post('/api/spaces', { kind: 'thread', title, people })
  return answer.json<Space>()
}

async function membersOf(viewer: TestPerson, space: string): Promise<Person[]> {
  const { members } = (await viewer.get(`/api/spaces/${space}`)).json<Space>()
  return members.map(({ person }) => person)
}

t.test('skeletons bring together what looks alike', async (t) => {
  const alike = [
    ['Аnnа', 'Anna'],
    ['anna', 'ANNA'],
    ['alice', 'ALICE'],
    ['Anna  Smith', 'Anna Smith'],
    ['rnary', 'mary'],
    ['Ⅰan', 'lan'],
    ['Jοhn', 'John'],
  ] as const
  for (const [a, b] of alike) t.equal(skeletonOf(a), skeletonOf(b), `${a} and ${b}`)
  t.not(skeletonOf('Anna'), skeletonOf('Anne'))
  t.not(skeletonOf('Zoë'), skeletonOf('Zoe'), 'a diaeresis can be seen')
  t.equal(skeletonOf('李小龍'), skeletonOf('李小龍'))
})

t.test('[semantics 1] a colleague has no badge, and a guest of ours has one, for members', async (t) => {
  const { node, alice, anna } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const gina = await makeGuest(node, 'Gina')
  const { id } = await spaceOf(alice, 'Plans', ['anna', gina.handle])

  const seen = await membersOf(alice, id)
  t.strictSame(
    seen.map(({ name, external, kind, vouched, organisation }) => [
      name,
      external,
      kind,
      vouched,
      organisation,
    ]),
    [
      ['Alice', false, 'member', true, 'Acme Works'],
      ['Anna', false, 'member', true, 'Acme Works'],
      ['Gina', true, 'guest', true, 'Acme Works'],
    ],
  )
  t.strictSame(
    (await membersOf(gina, id)).map(({ name, external }) => [name, external]),
    [
      ['Alice', true],
      ['Anna', true],
      ['Gina', false],
    ],
    'to a guest everybody else is external',
  )
  t.equal((await anna.get(`/api/spaces/${id}`)).json<Space>().external, true, 'a space with a guest in it')
  const plain = await spaceOf(alice, 'Ours', ['anna'])
  t.equal(plain.external, false)
  const { spaces } = (await alice.get('/api/spaces')).json<{ spaces: SpaceSummary[] }>()
  t.strictSame(
    spaces.map(({ title, external }) => [title, external]),
    [
      ['Ours', false],
      ['Plans', true],
    ],
  )
})

t.test('UNI-08: an external whose name can be taken for one of us is flagged, to members only', async (t) => {
  const { node, alice } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const flagged = ['Аnnа', 'ALICE', 'Director (acme.localhost)', 'Acme Works support', 'Аcme Works']
  const fine = ['Bob', 'Annabel', 'Acme', 'Network']
  const space = await spaceOf(alice, 'Plans')
  for (const name of [...flagged, ...fine]) await meetStranger(node, space.id, name)
  const gina = await makeGuest(node, 'Alice')
  await alice.post(`/api/spaces/${space.id}/members`, { handle: gina.handle })

  const seen = (await membersOf(alice, space.id)).filter(({ confusable }) => confusable)
  t.strictSame(seen.map(({ name }) => name).toSorted(), ['Alice', ...flagged].toSorted())
  t.equal(
    seen.every(({ external }) => external),
    true,
    'never one of us',
  )
  t.notOk((await membersOf(gina, space.id)).some(({ confusable }) => confusable))
})

t.test('names that an earlier version wrote are compared, too', async (t) => {
  const { node, alice } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const space = await spaceOf(alice, 'Plans')
  await meetStranger(node, space.id, 'Anna')
  await node.context.db.updateTable('user').set({ skeleton: null }).execute()
  const flagged = async () =>
    (await membersOf(alice, space.id)).filter(({ confusable }) => confusable).map(({ name }) => name)
  t.strictSame(await flagged(), [])
  await rememberLooks(node.context)
  t.strictSame(await flagged(), ['Anna'])
})

t.test('a card is shown to colleagues and to who shares a space, and else there is nothing', async (t) => {
  const { node, alice, anna } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const gina = await makeGuest(node, 'Gina')
  const { id } = await spaceOf(alice, 'Plans', [gina.handle])
  const stranger = await meetStranger(node, (await spaceOf(anna, 'Other')).id, 'Bob')
  const card = async (viewer: TestPerson, user: string) => await viewer.get(`/api/people/${user}`)

  t.match((await card(alice, anna.userId)).json<Profile>(), { name: 'Anna', external: false, title: null })
  t.match((await card(alice, gina.userId)).json<Profile>(), { kind: 'guest', external: true })
  t.match((await card(gina, alice.userId)).json<Profile>(), { name: 'Alice', external: true })
  t.match((await card(anna, stranger)).json<Profile>(), { name: 'Bob', external: true })
  const refused = [
    await card(gina, anna.userId),
    await card(anna, gina.userId),
    await card(alice, stranger),
    await card(gina, stranger),
    await card(gina, anna.userId.replace(/^u_..../, 'u_aaaa')),
  ]
  const bodies = refused.map((answer) => answer.body.replace(/"instance":"[^"]*"/, ''))
  t.equal(codeOf(refused[0]!), 'not-found')
  t.strictSame([...new Set(bodies)], [bodies[0]], 'what is hidden and what is not there look alike')

  const members = `/api/spaces/${id}/members/${gina.userId}`
  t.equal((await alice.delete(members)).statusCode, 200)
  t.equal((await card(alice, gina.userId)).statusCode, 404, 'the space in common is gone')
})

t.test('an entry about a membership names who it is about', async (t) => {
  const { node, alice } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const { id } = await spaceOf(alice, 'Plans')
  await alice.post(`/api/spaces/${id}/members`, { handle: 'anna' })
  await alice.delete(`/api/spaces/${id}/members/${node.as('anna').userId}`)
  await alice.post(`/api/spaces/${id}/messages`, { text: 'Bye.', mentions: [node.as('anna').userId] })
  const { entries } = (await alice.get(`/api/spaces/${id}/entries`)).json<{
    entries: { type: string; people: Person[] }[]
  }>()
  t.strictSame(
    entries.map(({ type, people }) => [type, people.map(({ name }) => name)]),
    [
      ['space.create', ['Alice']],
      ['member.join', ['Anna']],
      ['member.remove', ['Anna']],
      ['msg.post', []],
    ],
  )
})
