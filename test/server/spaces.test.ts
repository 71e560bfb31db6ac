import t from 'tap'
import { codeOf, testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

// Groups, threads and who may see them, through the API.

type World = { node: TestNode; alice: TestPerson; anna: TestPerson; mallory: TestPerson }

async function workspace(): Promise<World> {
  const node = await testNode()
  const alice = await node.signUp('alice')
  const anna = await node.signUp('anna')
  const mallory = await node.signUp('mallory')
  return { node, alice, anna, mallory }
}

async function begin(person: TestPerson, wish: Record<string, unknown>): Promise<string> {
  const answer = await person.post('/api/spaces', wish)
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json<{ id: string }>().id
}

t.test('R7: a space that one may not see and one that does not exist are the same', async (t) => {
  const { node, alice, mallory } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const thread = await begin(alice, { kind: 'thread', title: 'Mine' })
  const nowhere = `s_${'B'.repeat(42)}A`
  t.equal((await alice.get(`/api/spaces/${thread}`)).statusCode, 200)
  for (const [method, path, body] of [
    ['GET', ''],
    ['GET', '/entries'],
    ['POST', '/messages', { text: 'Hello' }],
    ['POST', '/members', { handle: 'mallory' }],
    ['PUT', '/read', { seq: 1 }],
    ['POST', '/invitations', { to: { address: '@bob:globex.example' } }],
  ] as const) {
    const hidden = await mallory.request(method, `/api/spaces/${thread}${path}`, body)
    const missing = await mallory.request(method, `/api/spaces/${nowhere}${path}`, body)
    t.equal(hidden.statusCode, 404, `${method} ${path}`)
    const { instance: _, ...said } = hidden.json() as Record<string, unknown>
    const { instance: __, ...saidElsewhere } = missing.json() as Record<string, unknown>
    t.strictSame(said, saidElsewhere)
  }
})

t.test('a thread that addresses a group is seen by its members, and by nobody else', async (t) => {
  const { node, alice, anna, mallory } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const group = await begin(alice, { kind: 'group', title: 'Team', people: ['anna'] })
  const thread = await begin(anna, { kind: 'thread', title: 'Prices', groups: [group] })
  t.equal((await alice.post(`/api/spaces/${thread}/messages`, { text: 'Hello' })).statusCode, 201)
  t.equal((await mallory.get(`/api/spaces/${thread}/entries`)).statusCode, 404)

  await alice.post(`/api/spaces/${group}/members`, { handle: 'mallory' })
  t.equal((await mallory.get(`/api/spaces/${thread}/entries`)).statusCode, 200, 'membership opens it')
  await alice.delete(`/api/spaces/${group}/members/${mallory.userId}`)
  t.equal((await mallory.get(`/api/spaces/${thread}/entries`)).statusCode, 404, 'and closes it')
})

t.test('only admins remove others, and a group keeps an admin', async (t) => {
  const { node, alice, anna } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const group = await begin(alice, { kind: 'group', title: 'Team', people: ['anna'] })
  const byAnna = await anna.delete(`/api/spaces/${group}/members/${alice.userId}`)
  t.equal(byAnna.statusCode, 403)
  t.match(byAnna.json(), { type: 'urn:parley:problem:no-right' })
  const last = await alice.delete(`/api/spaces/${group}/members/${alice.userId}`)
  t.match(last.json(), { type: 'urn:parley:problem:last-admin' })
  t.equal((await alice.delete(`/api/spaces/${group}/members/${anna.userId}`)).statusCode, 200)
  t.equal((await anna.get(`/api/spaces/${group}`)).statusCode, 404)
})

t.test('a read marker goes forward only, and never beyond the last entry', async (t) => {
  const { node, alice } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const thread = await begin(alice, { kind: 'thread', title: 'Mine' })
  await alice.post(`/api/spaces/${thread}/messages`, { text: 'Hello' })
  const mark = async (seq: number): Promise<unknown> =>
    (await alice.put(`/api/spaces/${thread}/read`, { seq })).json()
  t.strictSame(await mark(99), { seq: 2 })
  t.strictSame(await mark(1), { seq: 2 })
  const { spaces } = (await alice.get('/api/spaces')).json<{ spaces: { readSeq: number }[] }>()
  t.equal(spaces[0]?.readSeq, 2)
})

t.test('R13: an address that is none of another company is refused, and a stranger waits', async (t) => {
  const { node, alice } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const thread = await begin(alice, { kind: 'thread', title: 'Mine' })
  const invite = async (address: string): Promise<string> => {
    const companies = ['globex.example']
    const answer = await alice.post(`/api/spaces/${thread}/invitations`, { to: { address }, companies })
    return codeOf(answer) ?? answer.json<{ status: string }>().status
  }
  t.equal(await invite('@anna:acme.localhost'), 'invalid-address')
  t.equal(await invite('@bob:globex.example'), 'approval', 'of a company that nobody has approved yet')
  t.equal(await invite('bob@globex.example'), 'invalid-request')
})
