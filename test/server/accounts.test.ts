import t from 'tap'
import { limits } from '#schema/limits.ts'
import { inviteFirstOwner } from '#server/domain/enrolments.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { codeOf, password, testNode, type TestNode } from '../helpers/node.ts'

async function signUp(node: TestNode, token: string, more: object = {}) {
  const payload = { token, handle: 'carol', name: 'Carol', password, ...more }
  return await node.app.inject({ method: 'POST', url: '/api/accounts', payload })
}

t.test('the first person of a workspace owns it and invites the others, who are members', async (t) => {
  await using node = await testNode({ config: { organisation: 'Acme Inc.' } })
  const alice = await node.signUp('alice')
  const bob = await node.signUp('bob', 'Bob B.')
  t.same((await alice.get('/api/me')).json(), {
    id: alice.userId,
    handle: 'alice',
    name: 'Alice',
    role: 'owner',
    node: 'acme.localhost',
    organisation: 'Acme Inc.',
    title: null,
    timeZone: null,
    statusText: null,
  })
  t.match((await bob.get('/api/me')).json(), { handle: 'bob', name: 'Bob B.', role: 'member' })
})

t.test('a link is made by an administrator, works once, and is refused to a member', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  const bob = await node.signUp('bob')
  t.equal(codeOf(await bob.post('/api/enrolments')), 'admin-required')
  const made = await alice.post('/api/enrolments')
  t.equal(made.statusCode, 201)
  const { link, token } = made.json() as { link: string; token: string }
  t.equal(link, `http://acme.localhost:4000/#join=${token}`)
  t.equal((await signUp(node, token)).statusCode, 201)
  t.equal(codeOf(await signUp(node, token, { handle: 'mallory' })), 'link-invalid')
})

t.test('of two who use a link at once, one gets in', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const token = await node.invite()
  const answers = await Promise.all([signUp(node, token), signUp(node, token, { handle: 'dave' })])
  t.same(
    answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b),
    [201, 410],
  )
})

t.test('a sign-up that is refused leaves the link as good as it was', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const token = await node.invite()
  t.equal(codeOf(await signUp(node, token, { handle: 'alice' })), 'handle-taken')
  t.equal(codeOf(await signUp(node, token, { password: 'too short' })), 'weak-password')
  t.equal(codeOf(await signUp(node, token, { name: ' Carol\u202e' })), 'invalid-request')
  t.equal((await signUp(node, token)).statusCode, 201)
})

t.test('of two who want a handle at once, one gets it, and the link of the other stays good', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const tokens = [await node.invite(), await node.invite()]
  const answers = await Promise.all(tokens.map((token) => signUp(node, token)))
  t.same(
    answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b),
    [201, 409],
  )
  const other = tokens[answers.findIndex((answer) => answer.statusCode === 409)]!
  t.equal((await signUp(node, other, { handle: 'dave' })).statusCode, 201)
})

t.test('a link that nobody used for a week is refused', async (t) => {
  const clock = handClock()
  await using node = await testNode({ clock })
  await node.signUp('alice')
  const [early, late] = [await node.invite(), await node.invite()]
  clock.pass(limits.enrolmentLifeMs - 1)
  t.equal((await signUp(node, early)).statusCode, 201)
  clock.pass(1)
  t.equal(codeOf(await signUp(node, late, { handle: 'dave' })), 'link-invalid')
})

t.test(
  'each start of a workspace without people shows a new link, which replaces the one before',
  async (t) => {
    await using node = await testNode()
    const first = await inviteFirstOwner(node.context)
    const second = await inviteFirstOwner(node.context)
    t.equal(codeOf(await signUp(node, first!.token)), 'link-invalid')
    t.equal((await signUp(node, second!.token)).statusCode, 201)
    t.equal(await inviteFirstOwner(node.context), undefined)
  },
)

t.test('[R5] what is not for the caller to say is refused by name', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const token = await node.invite()
  const refused = await signUp(node, token, { role: 'owner' })
  t.equal(codeOf(refused), 'unknown-property')
  t.match(refused.json(), { errors: [{ path: 'body.role', rule: 'unknown-property' }] })
  t.equal((await signUp(node, token)).statusCode, 201)
})

t.test('nothing that is stored lets its reader sign in', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  const { db } = node.context
  const { password: stored } = await db.selectFrom('account').selectAll().executeTakeFirstOrThrow()
  t.match(stored, /^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  const session = await db.selectFrom('session').selectAll().executeTakeFirstOrThrow()
  t.notMatch(JSON.stringify(session), alice.token)
})
