import t from 'tap'
import { guestIn, groupOf, inviteByMail } from '../helpers/guests.ts'
import { openMailbox } from '../helpers/mailbox.ts'
import { codeOf, testNode } from '../helpers/node.ts'

const gus = 'gus@nowhere.test'

t.test('a guest writes, reads and begins threads where they were brought in, and nothing else', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const bob = await node.signUp('bob')
  const group = await groupOf(alice)
  const secret = await groupOf(bob, 'Not for guests')
  const guest = await guestIn(node, mailbox, { by: alice, space: group, email: gus })
  t.equal((await guest.post(`/api/spaces/${group}/messages`, { text: 'Hello.' })).statusCode, 201)
  const thread = await guest.post('/api/spaces', { kind: 'thread', title: 'A question', groups: [group] })
  t.equal(thread.statusCode, 201, thread.body)
  const { id } = thread.json<{ id: string }>()
  t.match((await alice.get(`/api/spaces/${id}`)).json(), { starter: { kind: 'guest', external: true } })

  const refused = [
    await guest.post('/api/spaces', { kind: 'group', title: 'My own' }),
    await guest.post('/api/spaces', { kind: 'thread', title: 'My own' }),
  ]
  t.same(refused.map(codeOf), ['guest-account', 'guest-account'])
  const hidden = [
    await guest.post('/api/spaces', {
      kind: 'thread',
      title: 'Who is bob?',
      groups: [group],
      people: ['bob'],
    }),
    await guest.post('/api/spaces', { kind: 'thread', title: 'Elsewhere', groups: [secret] }),
    await guest.post(`/api/spaces/${id}/members`, { handle: 'bob' }),
    await inviteByMail(guest, id, 'friend@nowhere.test'),
    await guest.get(`/api/spaces/${secret}`),
    await guest.get(`/api/people/${bob.userId}`),
  ]
  t.same(
    hidden.map(codeOf),
    hidden.map(() => 'not-found'),
  )
  t.equal((await guest.get(`/api/people/${alice.userId}`)).statusCode, 200, 'with whom they share something')
  for (const route of ['/api/guests', '/api/exchanges', '/api/policies', '/api/peers']) {
    t.equal(codeOf(await guest.get(route)), 'admin-required', route)
  }
  t.same((await guest.get('/api/contacts?query=bo')).json(), { contacts: [] })
})

t.test('a guest is told no address of anybody who is invited beside them', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const group = await groupOf(alice)
  const guest = await guestIn(node, mailbox, { by: alice, space: group, email: gus })
  await inviteByMail(alice, group, 'other@nowhere.test')
  t.match((await alice.get(`/api/spaces/${group}`)).body, 'other@nowhere.test')
  t.notMatch((await guest.get(`/api/spaces/${group}`)).body, /@nowhere\.test/)
})

t.test('an invitation that lets somebody invite lets a guest only write', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const group = await groupOf(alice)
  const invited = { by: alice, space: group, email: gus, more: { role: 'member' } }
  const guest = await guestIn(node, mailbox, invited)
  const { members } = (await alice.get(`/api/spaces/${group}`)).json<{ members: { role: string }[] }>()
  t.same(members.map(({ role }) => role).toSorted(), ['admin', 'poster'])
  t.equal((await guest.get(`/api/spaces/${group}`)).statusCode, 200)
})

t.test('a guest writes directly to those with whom they share a space, and to nobody else', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const bob = await node.signUp('bob')
  const group = await groupOf(alice)
  const guest = await guestIn(node, mailbox, { by: alice, space: group, email: gus })
  const begin = async (...people: object[]) => await guest.post('/api/dms', { people })
  const dm = await begin({ user: alice.userId })
  t.equal(dm.statusCode, 201, dm.body)
  const { id } = dm.json<{ id: string }>()
  t.equal((await guest.post(`/api/spaces/${id}/messages`, { text: 'Just between us.' })).statusCode, 201)
  t.match((await alice.get(`/api/spaces/${id}/entries`)).body, 'Just between us.')
  const refused = [
    await begin({ user: bob.userId }),
    await begin({ handle: 'alice' }),
    await begin({ address: '@zoe:globex.test' }),
    await begin({ address: '@alice:acme.localhost' }),
    await begin({ user: alice.userId }, { address: '@zoe:globex.test' }),
  ]
  t.same(
    refused.map(codeOf),
    refused.map(() => 'not-found'),
  )
})
