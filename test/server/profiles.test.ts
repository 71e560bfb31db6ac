import t from 'tap'
import { readIdentity } from '#federation/identity.ts'
import type { Identity } from '#schema/wire/identity.ts'
import { defaultPolicy, type ProfileField } from '#schema/policy.ts'
import { putPolicy } from '#server/db/policies.ts'
import { restate, signedIdentity } from '#server/vouch.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { codeOf, testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

// One's own profile, and what of it our documents tell other companies.

async function documentOf({ context }: TestNode, { userId }: TestPerson): Promise<Identity> {
  const document = readIdentity(await signedIdentity(context, context.db, userId))
  if (!document.ok) throw new Error('Our own document cannot be read.')
  return document.value.payload
}

async function showFields(node: TestNode, by: TestPerson, profileFields: ProfileField[]): Promise<void> {
  const settings = { ...defaultPolicy, profileFields }
  await node.context.db.transaction().execute(async (tx) => {
    await putPolicy(tx, { scope: 'workspace', settings, changedAt: 1, changedBy: by.userId })
  })
}

const change = async (person: TestPerson, body: object) => await person.request('PATCH', '/api/me', body)

t.test('somebody changes their profile, field by field, and takes fields away', async (t) => {
  const node = await testNode()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const alice = await node.signUp('alice')
  const told = { name: 'Alice A.', title: 'Engineer', timeZone: 'Europe/Berlin', statusText: 'Away' }
  t.match((await change(alice, told)).json(), { handle: 'alice', ...told })
  t.match((await change(alice, { statusText: null })).json(), { ...told, statusText: null })
  t.match((await alice.get(`/api/people/${alice.userId}`)).json(), { ...told, statusText: null })
  t.equal(codeOf(await change(alice, { timeZone: 'Europe/Atlantis' })), 'invalid-time-zone')
  t.equal(codeOf(await change(alice, { name: 'Al\u202eice' })), 'invalid-request')
  t.equal(codeOf(await change(alice, { title: '' })), 'invalid-request')
  t.equal(codeOf(await change(alice, { email: 'alice@acme.example' })), 'unknown-property')
})

t.test('UNI-07: names are refused, not repaired, when they hide or reorder something', async (t) => {
  const node = await testNode()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const alice = await node.signUp('alice')
  for (const name of ['Zoe\u0308', `a${'\u0301'.repeat(300)}`, 'A\nlice', 'A\u200blice', ' Alice']) {
    t.equal(codeOf(await change(alice, { name })), 'invalid-request', JSON.stringify(name))
  }
  t.match((await alice.get('/api/me')).json(), { name: 'Alice' })
})

t.test(
  'the documents say what the policy shows, and every change of it has a version of its own',
  async (t) => {
    const node = await testNode({ config: { organisation: 'Acme Works' } })
    t.teardown(async () => await node[Symbol.asyncDispose]())
    const alice = await node.signUp('alice')
    await restate(node.context)
    const { ver } = await documentOf(node, alice)
    await change(alice, { title: 'Engineer', statusText: 'Away' })
    const shown = await documentOf(node, alice)
    t.match(shown, { ver: ver + 1, name: 'Alice', org: 'Acme Works', title: 'Engineer' })
    t.notOk('status_text' in shown, 'not among the fields that are shown')
    await change(alice, { statusText: 'Back' })
    t.equal((await documentOf(node, alice)).ver, ver + 1, 'what nobody is told makes no new version')

    await showFields(node, alice, ['statusText'])
    t.match(await documentOf(node, alice), { ver: ver + 1, title: 'Engineer' }, 'until it is stated anew')
    await restate(node.context)
    await restate(node.context)
    const next = await documentOf(node, alice)
    t.match(next, { ver: ver + 2, status_text: 'Back' })
    t.notOk('title' in next || 'org' in next)
  },
)

t.test(
  'IDN-10: the eleventh change of a profile in an hour is refused, and the last one stays',
  async (t) => {
    const clock = handClock()
    const node = await testNode({ clock })
    t.teardown(async () => await node[Symbol.asyncDispose]())
    const alice = await node.signUp('alice')
    for (let i = 1; i <= 10; i++) t.equal((await change(alice, { name: `Alice ${i}` })).statusCode, 200)
    const refused = await change(alice, { name: 'Alice 11' })
    t.equal(codeOf(refused), 'rate')
    t.match(refused.json(), { retry_after: 3600 })
    t.match((await alice.get('/api/me')).json(), { name: 'Alice 10' })
    t.equal((await change(alice, { name: 'Alice 10' })).statusCode, 200, 'no change is no change')
    clock.pass(60 * 60 * 1000)
    t.equal((await change(alice, { name: 'Alice 12' })).statusCode, 200)
  },
)
