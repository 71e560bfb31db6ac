import t from 'tap'
import { limits } from '#schema/limits.ts'
import { openLogger } from '#server/ports/logger.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { codeOf, password, testNode, type TestNode } from '../helpers/node.ts'

async function signIn(node: TestNode, handle: string, secret: string = password, headers: object = {}) {
  const payload = { handle, password: secret }
  return await node.app.inject({ method: 'POST', url: '/api/sessions', payload, headers: { ...headers } })
}

async function whoIs(node: TestNode, headers: Record<string, string>, query = '') {
  return await node.app.inject({ method: 'GET', url: `/api/me${query}`, headers })
}

t.test('somebody signs in, is known by the token, and signs out', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const session = await signIn(node, 'alice')
  t.equal(session.statusCode, 201)
  const { token, user } = session.json() as { token: string; user: object }
  t.match(user, { handle: 'alice', role: 'owner' })
  const authorization = `Bearer ${token}`
  t.same((await whoIs(node, { authorization })).json(), user)
  const ended = await node.app.inject({
    method: 'DELETE',
    url: '/api/sessions/current',
    headers: { authorization },
  })
  t.equal(ended.statusCode, 204)
  t.equal(ended.body, '')
  t.equal(codeOf(await whoIs(node, { authorization })), 'session-expired')
  t.equal((await node.as('alice').get('/api/me')).statusCode, 200, 'other sessions go on')
})

t.test('an unknown handle and a wrong password are refused with the same words', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const wrong = await signIn(node, 'alice', 'wrong horse battery')
  const nobody = await signIn(node, 'nobody')
  t.equal(codeOf(wrong), 'wrong-credentials')
  const { instance: _, ...words } = wrong.json() as { instance: string }
  t.match(nobody.json(), words)
  t.equal((await signIn(node, 'alice')).statusCode, 201)
})

t.test('a password is the same whichever way its letters are composed', async (t) => {
  await using node = await testNode()
  const token = await node.invite()
  const payload = { token, handle: 'zoe', name: 'Zoë', password: 'Zoe\u0308 Zoe\u0308 Zoe\u0308' }
  await node.app.inject({ method: 'POST', url: '/api/accounts', payload })
  t.equal((await signIn(node, 'zoe', 'Zoë Zoë Zoë')).statusCode, 201)
})

t.test(
  '[R1] no token, a false one and an expired one are refused; one in the address is a leak',
  async (t) => {
    const lines: string[] = []
    const clock = handClock()
    const logger = openLogger('warn', { write: (line) => void lines.push(line) })
    await using node = await testNode({ clock, logger })
    const { token } = await node.signUp('alice')
    await using other = await testNode({ node: 'globex.localhost', clock })
    const bob = await other.signUp('bob')
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

    t.equal(codeOf(await whoIs(node, {})), 'auth-required')
    t.equal((await whoIs(node, {})).headers['www-authenticate'], 'Bearer')
    t.equal(codeOf(await whoIs(node, { authorization: 'Basic YWxpY2U6cGFzcw==' })), 'session-expired')
    t.equal(codeOf(await whoIs(node, bearer('A'.repeat(43)))), 'session-expired')
    t.equal(codeOf(await whoIs(node, bearer(bob.token))), 'session-expired', "another workspace's")
    t.equal(codeOf(await whoIs(node, {}, `?token=${token}`)), 'auth-required')
    t.match(lines.join(''), /"msg":"A request had a token in its address: a leak\."/)
    t.notMatch(lines.join(''), token)

    clock.pass(limits.sessionLifeMs - 1)
    t.equal((await whoIs(node, bearer(token))).statusCode, 200)
    clock.pass(1)
    t.equal(codeOf(await whoIs(node, bearer(token))), 'session-expired')
  },
)

t.test('somebody who was suspended is out at once', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  await node.context.db.updateTable('user').set({ status: 'suspended' }).execute()
  t.equal(codeOf(await alice.get('/api/me')), 'session-expired')
  t.equal(codeOf(await signIn(node, 'alice')), 'wrong-credentials')
})

t.test('a browser keeps the session as a cookie that scripts and other sites cannot use', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const set = String((await signIn(node, 'alice')).headers['set-cookie'])
  t.match(set, /^parley_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
  const cookie = set.split(';')[0]!
  t.equal((await whoIs(node, { cookie })).statusCode, 200)
  const write = async (headers: Record<string, string>) =>
    await node.app.inject({ method: 'POST', url: '/api/enrolments', headers: { cookie, ...headers } })
  t.equal(codeOf(await write({})), 'foreign-origin')
  t.equal(codeOf(await write({ origin: 'http://evil.example' })), 'foreign-origin')
  t.equal(codeOf(await write({ origin: 'null' })), 'foreign-origin')
  t.equal((await write({ origin: 'http://acme.localhost:4000' })).statusCode, 201)
})

t.test('a page of another site cannot sign its visitors in as somebody else', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  t.equal(codeOf(await signIn(node, 'alice', password, { origin: 'http://evil.example' })), 'foreign-origin')
  t.equal((await signIn(node, 'alice', password, { origin: 'http://acme.localhost:4000' })).statusCode, 201)
})

t.test('over https the cookie never travels without it', async (t) => {
  await using node = await testNode({ config: { publicUrl: new URL('https://acme.localhost') } })
  await node.signUp('alice')
  t.match(String((await signIn(node, 'alice')).headers['set-cookie']), /; Secure;/)
})

t.test('[R16] guessing at one handle is slowed down, and others go on signing in', async (t) => {
  const clock = handClock()
  await using node = await testNode({ clock })
  await node.signUp('alice')
  await node.signUp('bob')
  for (let i = 0; i < limits.signInsPerMinuteMax; i++) await signIn(node, 'alice', `guess number ${i}`)
  const refused = await signIn(node, 'alice')
  t.equal(codeOf(refused), 'rate')
  t.equal(refused.headers['retry-after'], '60')
  t.equal((await signIn(node, 'bob')).statusCode, 201)
  clock.pass(60_000)
  t.equal((await signIn(node, 'alice')).statusCode, 201)
})

t.test('behind a proxy, guessing is counted for the address that it comes from', async (t) => {
  await using node = await testNode({ clock: handClock() })
  await node.signUp('alice')
  const from = (address: string) => ({ 'x-forwarded-for': address })
  for (let i = 0; i < limits.signInsPerMinuteMax; i++) {
    await signIn(node, 'alice', `guess number ${i}`, from('203.0.113.7'))
  }
  t.equal(codeOf(await signIn(node, 'alice', password, from('203.0.113.7'))), 'rate')
  t.equal((await signIn(node, 'alice', password, from('203.0.113.8'))).statusCode, 201)

  await using open = await testNode({ clock: handClock(), config: { trustedProxies: ['192.0.2.1'] } })
  await open.signUp('alice')
  for (let i = 0; i < limits.signInsPerMinuteMax; i++)
    await signIn(open, 'alice', 'wrong', from(`203.0.113.${i}`))
  const refused = await signIn(open, 'alice', password, from('203.0.113.200'))
  t.equal(codeOf(refused), 'rate', 'whoever is no proxy of ours cannot choose where it comes from')
})
