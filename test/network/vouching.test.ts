import t from 'tap'
import type { UserId } from '#schema/ids.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'
import { seen, vouched } from '../helpers/vouched.ts'

// How long a node stands by its users, and what it never says of them.

t.test(
  '[I9] a document is renewed at half of its life, and a node that was asleep is told at its start',
  async (t) => {
    const { net, alice, bob, thread } = await vouched()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const lifeLeft = async () => {
      const { db } = net.node('acme').context
      const rows = await db.selectFrom('identity').select(['userId', 'expiresAt']).execute()
      return (rows.find(({ userId }) => userId === bob.id)!.expiresAt - net.clock.now) / 86_400_000
    }
    await net.clock.advance(30_000)
    const sleep = async (days: number) => {
      await net.crash('acme')
      await net.crash('globex')
      await net.clock.advance(days * 86_400_000)
      await net.restart('acme')
      await net.restart('globex')
      await net.clock.advance(60_000)
    }
    await sleep(3)
    t.match(Math.ceil(await lifeLeft()), 4, 'not before')
    await sleep(1)
    t.match(Math.ceil(await lifeLeft()), 7)
    await sleep(10)
    t.match(Math.ceil(await lifeLeft()), 7)
    t.equal((await seen(alice, thread, bob))?.vouched, true)
  },
)

t.test('IDN-04: who is not vouched for again is unverified, and after a month writes no more', async (t) => {
  const { net, alice, bob, thread } = await vouched()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const isVouched = async () => (await seen(alice, thread, bob))?.vouched
  t.equal(await isVouched(), true)
  const { db } = net.node('acme').context
  const expire = async (days: number) => {
    const expiresAt = net.clock.now - days * 86_400_000
    await db
      .updateTable('identity')
      .set({ expiresAt })
      .where('userId', '=', bob.id as UserId)
      .execute()
  }
  await expire(1)
  t.equal(await isVouched(), false)
  await post(bob, thread, 'Within the month.')
  await eventuallySees(net, alice, thread, 'Within the month.')
  await expire(31)
  await post(bob, thread, 'Too late.')
  await net.eventually('globex hears the refusal', async () => {
    const { pending } = await bob.get<{ pending: { state: string; code: string }[] }>(
      `/api/spaces/${thread}/entries`,
    )
    return pending.some(({ state, code }) => state === 'refused' && code === 'not-vouched')
  })
  t.notOk((await textsOf(alice, thread))?.includes('Too late.'))
})

t.test('what somebody wrote and was never sent does not leave after they are suspended', async (t) => {
  const { net, alice, gwen, bob, thread } = await vouched()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  net.cut('acme', 'globex')
  await post(bob, thread, 'Tried, and no answer came.')
  // The lane leaves a host that is away alone for a while, and what is written then waits.
  await net.clock.advance(3 * 60_000)
  await post(bob, thread, 'Never to be sent.')
  await gwen.ok('POST', `/api/accounts/${bob.id}/suspend`)
  net.heal('acme', 'globex')
  await net.eventually('bob is removed', async () => !(await seen(alice, thread, bob)), 5 * 60_000)
  t.notOk(net.wire.heardBy('acme.test').some(({ body }) => body.includes('Never to be sent.')))
  t.notOk((await textsOf(alice, thread))?.includes('Never to be sent.'))
})

t.test('IDN-05: nobody learns an address, a handle or a hidden field from another company', async (t) => {
  const { net, alice, bob, thread } = await vouched()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const secret = 'bob.private@mail.example'
  const { db } = net.node('globex').context
  await db
    .updateTable('account')
    .set({ email: secret as never })
    .where('userId', '=', bob.id as UserId)
    .execute()
  await bob.ok('PATCH', '/api/me', { name: 'Robert', statusText: 'Hidden status' })
  await post(bob, thread, 'Hello.')
  await eventuallySees(net, alice, thread, 'Hello.')
  await net.eventually('alice knows', async () => (await seen(alice, thread, bob))?.name === 'Robert')
  const sent = net.wire.sightings.flatMap(({ body, answer, target }) => [body, answer, target])
  const said = sent.map(unfold).join('\n')
  t.ok(said.includes('Robert'), 'what is signed is read, too')
  for (const word of [secret, 'mail.example', 'Hidden status']) t.notOk(said.includes(word), word)
  const card = JSON.stringify(await alice.get(`/api/people/${bob.id}`))
  const members = JSON.stringify(await alice.get(`/api/spaces/${thread}`))
  for (const reply of [card, members]) t.notOk(reply.includes('mail.example') || reply.includes('"handle"'))
})

/** A text with what stands in it behind base64url, as JWS do. */
function unfold(text: string): string {
  const inner = text.match(/eyJ[A-Za-z0-9_-]+/g) ?? []
  return [text, ...inner.map((part) => unfold(Buffer.from(part, 'base64url').toString()))].join('\n')
}
