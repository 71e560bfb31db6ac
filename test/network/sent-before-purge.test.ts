import t from 'tap'
import { sharedWithTwo, isGoneFor } from '../helpers/removals.ts'
import { eventuallySees, post } from '../helpers/spaces.ts'

t.test('SUB-50: what was sent and not answered before a purge is no refusal', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, bea, thread } = world
  const restore = net.wire.loseAnswers((_from, _to, { target }) => target.endsWith('/submit'))
  // The log cannot tell it either.
  net.wire.lose((_from, to, { target }) => to === 'globex.test' && target.endsWith('/entries'))
  await post(bob, thread, 'Everybody else has it.')
  await eventuallySees(net, alice, thread, 'Everybody else has it.')
  for (const person of [bob, bea]) await alice.ok('DELETE', `/api/spaces/${thread}/members/${person.id}`)
  const { db } = net.node('globex').context
  await net.eventually('the copy is deleted', async () => {
    return (await db.selectFrom('tombstone').select('spaceId').execute()).length > 0
  })
  t.ok(await isGoneFor(bob, thread))
  t.strictSame(await bob.get('/api/unsent'), { unsent: [] }, 'its author is not told that no log took it')
  restore()
  await net.eventually('the answer of the host ends it', async () => {
    return (await db.selectFrom('pending').select('state').execute()).length === 0
  })
  t.strictSame(await bob.get('/api/unsent'), { unsent: [] })
})
