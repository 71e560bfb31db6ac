import t from 'tap'
import { testNode } from '../helpers/node.ts'

t.test('smoke', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  const bob = await node.signUp('bob')
  const me = await alice.get('/api/me')
  t.equal(me.statusCode, 200)
  t.match(me.json(), { handle: 'alice', role: 'owner', node: 'acme.localhost', name: 'Alice' })
  t.match((await bob.get('/api/me')).json(), { role: 'member' })
  t.equal((await bob.post('/api/enrolments')).statusCode, 403)
  const space = await alice.post('/api/spaces', { kind: 'thread', title: 'Hi', people: ['bob'] })
  console.log(space.body)
  const posted = await bob.post(`/api/spaces/${space.json().id}/messages`, { text: 'hello' })
  console.log(posted.body)
  console.log((await alice.get(`/api/spaces/${space.json().id}/entries`)).body)
})
