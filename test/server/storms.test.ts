import { sql } from 'kysely'
import t from 'tap'
import { limits } from '#schema/limits.ts'
import { openFederationNode } from '../helpers/federation-node.ts'
import { codeOf, testNode, type TestPerson } from '../helpers/node.ts'
import { ScriptedHttp } from '../helpers/scripted-peer.ts'

// What one person, or one space, can do to all others.

async function begin(person: TestPerson, title: string): Promise<string> {
  const answer = await person.post('/api/spaces', { kind: 'thread', title })
  return answer.json<{ id: string }>().id
}

t.test(
  'Q6: one person writes thirty at once and five a second, and their neighbours do not notice',
  async (t) => {
    const eventsPerUser = { perSecond: limits.eventsPerUserPerSecondMax, burst: limits.eventsPerUserBurstMax }
    await using node = await openFederationNode('acme.test', new ScriptedHttp(), {
      config: { eventsPerUser },
    })
    const alice = await node.signUp('alice')
    const anna = await node.signUp('anna')
    const space = await begin(alice, 'Loud')
    const codes: (string | undefined)[] = []
    for (let n = 0; n < 33; n++) {
      codes.push(codeOf(await alice.post(`/api/spaces/${space}/messages`, { text: `${n}` })))
    }
    t.strictSame(codes, [...Array<undefined>(30).fill(undefined), 'rate', 'rate', 'rate'])
    const refused = await alice.post(`/api/spaces/${space}/messages`, { text: 'Once more' })
    t.match(refused, { statusCode: 429, headers: { 'retry-after': '1' } })
    t.match(refused.json(), { limit: 'events', retry_after: 1 })
    const quiet = await begin(anna, 'Quiet')
    t.equal((await anna.post(`/api/spaces/${quiet}/messages`, { text: 'Hello' })).statusCode, 201)
    node.time.now += 1_000
    t.equal((await alice.post(`/api/spaces/${space}/messages`, { text: 'Later' })).statusCode, 201)
  },
)

t.test('DOS-09: a lock on one space holds up that space alone, and not for ever', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  const held = await begin(alice, 'Held')
  const other = await begin(alice, 'Other')
  const post = async (space: string) => await alice.post(`/api/spaces/${space}/messages`, { text: 'Hello' })
  const locked = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  const lock = node.context.db.transaction().execute(async (tx) => {
    await sql`select 1 from space where id = ${held} for update`.execute(tx)
    locked.resolve()
    await over.promise
  })
  await locked.promise
  const waiting = post(held)
  const answers = [await post(other), await post(other), await post(other)]
  t.strictSame(
    answers.map(({ statusCode }) => statusCode),
    [201, 201, 201],
  )
  t.equal((await alice.get('/api/spaces')).statusCode, 200)
  const answer = await waiting
  t.equal(answer.statusCode, 503, 'it is told to come again')
  t.match(answer.json(), { retry: 'later' })
  over.resolve()
  await lock
  t.equal((await post(held)).statusCode, 201)
})
