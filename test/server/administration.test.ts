import t from 'tap'
import { WebSocket } from 'undici'
import type { Account } from '#schema/api/accounts.ts'
import type { Session } from '#schema/api/sessions.ts'
import type { Person } from '#schema/person.ts'
import type { Space } from '#schema/space.ts'
import { codeOf, password, testNode, type TestNode, type TestPerson } from '../helpers/node.ts'
import { auditOf } from '../helpers/records.ts'

// What administrators decide about accounts, and where somebody is signed in.

async function acme(): Promise<{ node: TestNode; alice: TestPerson; anna: TestPerson; arthur: TestPerson }> {
  const node = await testNode()
  const alice = await node.signUp('alice')
  return { node, alice, anna: await node.signUp('anna'), arthur: await node.signUp('arthur') }
}

const at = (person: TestPerson, what: string) => `/api/accounts/${person.userId}/${what}`

async function roleOf(person: TestPerson, role: string, by: TestPerson) {
  return await by.put(at(person, 'role'), { role })
}

async function actsAt({ context }: TestNode): Promise<[string, string | null, string][]> {
  return (await auditOf(context)).map(({ act, actor, subject }) => [act, actor, subject])
}

/** Opens a stream; resolves with the code that it is closed with. */
async function watch(node: TestNode, token: string, query = ''): Promise<{ closed: Promise<number> }> {
  const origin = node.app.server.listening ? node.app.listeningOrigin : await node.listen()
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/stream${query}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code))
  })
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  return { closed }
}

async function signIn(node: TestNode, handle: string, agent = 'Firefox') {
  return await node.app.inject({
    method: 'POST',
    url: '/api/sessions',
    headers: { 'user-agent': agent },
    payload: { handle, password },
  })
}

t.test('accounts are listed in pages, with role, status and how often they are signed in', async (t) => {
  const { node, alice } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  await signIn(node, 'anna')
  type Page = { accounts: Account[]; next: string | null }
  const first = (await alice.get('/api/accounts?limit=2')).json<Page>()
  t.strictSame(
    first.accounts.map(({ handle, role, status, sessions }) => [handle, role, status, sessions]),
    [
      ['alice', 'owner', 'active', 1],
      ['anna', 'member', 'active', 2],
    ],
  )
  t.equal(first.next, 'anna')
  const second = (await alice.get('/api/accounts?limit=2&after=anna')).json<Page>()
  t.strictSame(
    second.accounts.map(({ handle }) => handle),
    ['arthur'],
  )
  t.equal(second.next, null)
})

t.test('who is suspended is signed out everywhere at once, and comes back only by an act', async (t) => {
  const { node, alice, anna, arthur } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const { id } = (
    await alice.post('/api/spaces', { kind: 'thread', title: 'Plans', people: ['anna'] })
  ).json<Space>()
  const stream = await watch(node, anna.token, `?space=${id}`)
  const other = await watch(node, arthur.token)

  const suspended = await alice.post(at(anna, 'suspend'))
  t.match(suspended.json<Account>(), { status: 'suspended', sessions: 0, person: { vouched: false } })
  t.equal(await stream.closed, 4001)
  t.equal(codeOf(await anna.get('/api/me')), 'session-expired')
  t.equal(codeOf(await signIn(node, 'anna')), 'wrong-credentials')
  const { entries } = (await alice.get(`/api/spaces/${id}/entries`)).json<{
    entries: { type: string; content: object; people: Person[] }[]
  }>()
  t.match(entries.at(-1), {
    type: 'member.leave',
    content: { user: anna.userId, reason: 'administrator' },
    people: [{ name: 'Anna', vouched: false }],
  })
  t.equal((await arthur.get('/api/me')).statusCode, 200, 'nobody else is affected')
  t.equal(
    (await alice.post('/api/spaces', { kind: 'thread', title: 'New', people: ['anna'] })).statusCode,
    404,
  )

  t.match((await alice.post(at(anna, 'reactivate'))).json<Account>(), { status: 'active' })
  const again = (await signIn(node, 'anna')).json<{ token: string }>()
  const headers = { authorization: `Bearer ${again.token}` }
  t.equal(
    (await node.app.inject({ url: `/api/spaces/${id}`, headers })).statusCode,
    404,
    'not what was ended',
  )
  t.strictSame(await actsAt(node), [
    ['account.suspend', alice.userId, anna.userId],
    ['account.reactivate', alice.userId, anna.userId],
  ])
  void other
})

t.test('a group whose last admin is suspended goes to the colleague who was there first', async (t) => {
  const { node, alice, anna, arthur } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const begin = { kind: 'group', title: 'Team', people: ['arthur', 'alice'] }
  const { id } = (await anna.post('/api/spaces', begin)).json<Space>()
  await alice.post(at(anna, 'suspend'))
  const { members } = (await arthur.get(`/api/spaces/${id}`)).json<Space>()
  t.equal(members.length, 2)
  t.equal(members.filter(({ role }) => role === 'admin').length, 1)
})

t.test(
  'a deleted account is gone for good; what it wrote keeps the name, and its handle is taken',
  async (t) => {
    const { node, alice, anna } = await acme()
    t.teardown(async () => await node[Symbol.asyncDispose]())
    const { id } = (
      await anna.post('/api/spaces', { kind: 'thread', title: 'Plans', people: ['alice'] })
    ).json<Space>()
    await anna.post(`/api/spaces/${id}/messages`, { text: 'Mine.' })
    t.equal((await alice.delete(`/api/accounts/${anna.userId}`)).statusCode, 204)
    t.equal(codeOf(await anna.get('/api/me')), 'session-expired')
    t.equal(codeOf(await signIn(node, 'anna')), 'wrong-credentials')
    t.equal(codeOf(await alice.delete(`/api/accounts/${anna.userId}`)), 'not-found')
    t.equal(codeOf(await alice.post(at(anna, 'reactivate'))), 'not-found')
    const { entries } = (await alice.get(`/api/spaces/${id}/entries`)).json<{
      entries: { person: Person }[]
    }>()
    t.match(entries[1]?.person, { name: 'Anna', vouched: false })
    const token = await node.invite()
    const payload = { token, handle: 'anna', name: 'Other', password }
    const answer = await node.app.inject({ method: 'POST', url: '/api/accounts', payload })
    t.equal(codeOf(answer), 'handle-taken')
  },
)

t.test('owners are made and unmade by owners, and one always stays', async (t) => {
  const { node, alice, anna, arthur } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  t.match((await roleOf(anna, 'admin', alice)).json<Account>(), { role: 'admin' })
  t.match((await roleOf(arthur, 'admin', anna)).json<Account>(), { role: 'admin' }, 'an admin makes admins')
  t.equal(codeOf(await roleOf(arthur, 'owner', anna)), 'owner-required')
  t.equal(codeOf(await roleOf(alice, 'member', anna)), 'owner-required')
  t.equal(codeOf(await anna.post(at(alice, 'suspend'))), 'owner-required')
  t.equal(codeOf(await roleOf(alice, 'admin', alice)), 'last-owner')
  t.equal(codeOf(await alice.post(at(alice, 'suspend'))), 'last-owner')
  t.equal(codeOf(await alice.delete(`/api/accounts/${alice.userId}`)), 'last-owner')

  await roleOf(anna, 'owner', alice)
  // Both step down at once: one of them is told that the other has.
  const answers = await Promise.all([roleOf(alice, 'member', alice), roleOf(anna, 'member', anna)])
  t.strictSame(answers.map((answer) => codeOf(answer) ?? 'done').toSorted(), ['done', 'last-owner'])
})

t.test('sessions are listed with their device, and each can be ended with its streams', async (t) => {
  const { node, alice, anna } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const { token } = (await signIn(node, 'anna', 'Firefox\u00e9 on a train')).json<{ token: string }>()
  const listed = (await anna.get('/api/sessions')).json<{ sessions: Session[] }>()
  t.strictSame(listed.sessions.map(({ device, current }) => `${device} ${current}`).toSorted(), [
    'Firefox on a train false',
    'lightMyRequest true',
  ])
  const train = listed.sessions.find(({ current }) => !current)!
  const stream = await watch(node, token)
  t.equal(codeOf(await alice.delete(`/api/sessions/${train.id}`)), 'not-found', 'not one of hers')
  t.equal((await anna.delete(`/api/sessions/${train.id}`)).statusCode, 204)
  t.equal(await stream.closed, 4001)
  t.equal((await anna.get('/api/me')).statusCode, 200)

  const seen = (await alice.get(at(anna, 'sessions'))).json<{ sessions: Session[] }>()
  t.strictSame(
    seen.sessions.map(({ current }) => current),
    [false],
  )
  const own = await watch(node, anna.token)
  t.equal((await alice.delete(at(anna, 'sessions'))).statusCode, 204)
  t.equal(await own.closed, 4001)
  t.equal(codeOf(await anna.get('/api/me')), 'session-expired')
  t.equal((await signIn(node, 'anna')).statusCode, 201, 'the account goes on')
})

t.test('a stream ends within seconds when another process has ended its session', async (t) => {
  const { node, anna } = await acme()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const stream = await watch(node, anna.token)
  await node.context.db.deleteFrom('session').where('userId', '=', anna.userId).execute()
  t.equal(await stream.closed, 4001)
})
