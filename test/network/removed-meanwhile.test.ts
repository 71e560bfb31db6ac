import t from 'tap'
import type { NodeId } from '#schema/ids.ts'
import { pullEntries } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { interposed } from '../helpers/interposed.ts'
import { type SharedThread, sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post } from '../helpers/spaces.ts'

// Somebody is removed, the last of their company, between the question who may have a log and the reading of it.

const secret = 'Among us again.'

const removal =
  ({ alice, bob, thread }: SharedThread) =>
  async (): Promise<void> => {
    await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
    await post(alice, thread, secret)
  }

t.test('I-12: a push has nothing that was written after its node had left', async (t) => {
  const database = interposed()
  await using world = await sharedThread({ client: database.client })
  const { net, alice, bob, thread } = world
  let isDone = false
  database.after(/space_id = any\(\$\d+::text\[\]\) and route\.node = any/, async () => {
    await removal(world)()
    isDone = true
  })
  await post(alice, thread, 'To everybody.')
  await net.eventually('bob is out, and it is pushed', async () => {
    return isDone && net.wire.heardBy('globex.test').some(({ body }) => body.includes('To everybody.'))
  })
  await net.clock.advance(60_000)
  t.notOk(net.wire.heardBy('globex.test').some(({ body }) => body.includes(secret)))
  t.equal((await bob.ask('GET', `/api/spaces/${thread}/entries`)).status, 404)
})

for (const [what, query] of Object.entries({
  'behind an entry': { after: 0 },
  'before an entry': { after: 0, before: 1_000 },
}))
  t.test(
    `I-12: a pull of what is ${what} has nothing that was written after its node had left`,
    async (t) => {
      const database = interposed()
      await using world = await sharedThread({ client: database.client })
      const { net, bob, thread } = world
      await eventuallySees(net, bob, thread, 'Before.')
      await net.clock.settle()
      database.after(/^\s*select c\.acked_seq from cursor c/, removal(world))
      const answer = await callPeer(net.node('globex').context, 'acme.test' as NodeId, {
        contract: pullEntries,
        params: { space: thread },
        query,
      })
      const page = JSON.stringify(answer)
      t.ok(page.includes('Before.'))
      t.notOk(page.includes(secret))
    },
  )
