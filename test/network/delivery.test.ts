import t from 'tap'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { pullSpace } from '#server/peers/log/pull.ts'
import type { Network } from '../helpers/network.ts'
import type { Answer, Person } from '../helpers/person.ts'
import { exchangesOf } from '../helpers/records.ts'
import { entriesOf, eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

type World = { net: Network; alice: Person; bob: Person; thread: string }

async function sharedThread(): Promise<World> {
  const { net, alice, bob } = await twoCompanies()
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  return { net, alice, bob, thread }
}

const isPush = (
  _from: string,
  _to: string,
  { method, target }: { method: string; target: string },
): boolean => method === 'POST' && target.endsWith('/entries')
const isSubmission = (_from: string, _to: string, { target }: { target: string }): boolean =>
  target.endsWith('/submit')

t.test('FAN-02: a kill between commit and send loses nothing', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  net.cut('acme', 'globex')
  await post(alice, thread, 'Committed, not sent.')
  await net.crash('acme')
  net.heal('acme', 'globex')
  await net.restart('acme')
  await eventuallySees(net, bob, thread, 'Committed, not sent.')
})

t.test('a kill of the author node between commit and submission loses nothing', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  net.cut('acme', 'globex')
  await post(bob, thread, 'Written, not submitted.')
  await net.crash('globex')
  net.heal('acme', 'globex')
  await net.restart('globex')
  await eventuallySees(net, alice, thread, 'Written, not submitted.')
  await eventuallySees(net, bob, thread, 'Written, not submitted.')
})

t.test('FAN-04: redelivery changes nothing', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  net.wire.duplicate(isPush)
  net.wire.duplicate(isSubmission)
  await post(alice, thread, 'Once.')
  await post(bob, thread, 'Once too.')
  await eventuallySees(net, alice, thread, 'Once too.')
  await eventuallySees(net, bob, thread, 'Once too.')
  t.strictSame(await textsOf(bob, thread), await textsOf(alice, thread))
  t.equal((await textsOf(bob, thread))!.length, 2)
})

t.test('SUB-50: an answer that is lost makes no second message, and no refusal', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const restore = net.wire.loseAnswers(isSubmission)
  await post(bob, thread, 'Once, whatever the network does.')
  await eventuallySees(net, alice, thread, 'Once, whatever the network does.')
  restore()
  await net.clock.advance(60_000)
  const texts = await textsOf(alice, thread)
  t.strictSame(texts, ['Once, whatever the network does.'])
  t.strictSame(await textsOf(bob, thread), texts)
})

t.test('the same key again is the same message, also after the log has brought it back', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const again = async (text: string): Promise<Answer> =>
    await bob.ask('POST', `/api/spaces/${thread}/messages`, { text }, { 'idempotency-key': 'the-same' })
  const first = await again('Once.')
  t.match(first, { status: 201, body: { state: 'queued' } })
  await eventuallySees(net, alice, thread, 'Once.')
  await eventuallySees(net, bob, thread, 'Once.')
  const { seq } = (await entriesOf(bob, thread)).find(({ type }) => type === 'msg.post')!
  t.match(await again('Once.'), { status: 201, body: { state: 'accepted', id: first.body['id'], seq } })
  t.equal((await again('Something else.')).status, 409)
  await post(bob, thread, 'And on.')
  await eventuallySees(net, bob, thread, 'And on.')
  t.strictSame(await textsOf(alice, thread), ['Once.', 'And on.'])
})

t.test('SEQ-03: a host that dies before it answers never says two things about one place', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const restore = net.wire.loseAnswers(isSubmission)
  await post(bob, thread, 'Committed, not answered.')
  await eventuallySees(net, alice, thread, 'Committed, not answered.')
  const before = await hashesOf(net, 'acme', thread)
  await net.crash('acme')
  restore()
  await net.restart('acme')
  await eventuallySees(net, bob, thread, 'Committed, not answered.')
  await post(alice, thread, 'And on.')
  await eventuallySees(net, bob, thread, 'And on.')
  const after = await hashesOf(net, 'acme', thread)
  t.strictSame(after.slice(0, before.length), before)
  t.strictSame(await hashesOf(net, 'globex', thread), after)
})

t.test('an answer to a push that is lost costs a repeat and nothing else', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const restore = net.wire.loseAnswers(isPush)
  await post(alice, thread, 'One.')
  await eventuallySees(net, bob, thread, 'One.')
  restore()
  await post(alice, thread, 'Two.')
  await eventuallySees(net, bob, thread, 'Two.')
  t.strictSame(await textsOf(bob, thread), ['One.', 'Two.'])
})

t.test(
  'GAP-01: a push that leaves something out is answered with our head, and the gap is filled',
  async (t) => {
    const { net, alice, bob, thread } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    net.cut('acme', 'globex')
    await post(alice, thread, 'One.')
    await post(alice, thread, 'Two.')
    const { context } = net.node('acme')
    const { db } = context
    // What is on its way already would say where its follower is.
    await net.eventually('a push is lost', async () =>
      (await exchangesOf(context)).some(({ verdict, lane }) => verdict === 'failed' && lane === 'log'),
    )
    // The host believes that its follower is further than it is, as after a restored follower.
    const { headSeq } = await db
      .selectFrom('space')
      .select('headSeq')
      .where('id', '=', thread as never)
      .executeTakeFirstOrThrow()
    await db
      .updateTable('cursor')
      .set({ ackedSeq: headSeq - 1 })
      .where('spaceId', '=', thread as never)
      .execute()
    // It does not ask by itself before it is pushed at.
    const mute = net.wire.lose((from) => from === 'globex.test')
    net.heal('acme', 'globex')
    const isSaid = async (): Promise<boolean> =>
      (await exchangesOf(net.node('globex').context)).some(({ code }) => code === 'gap')
    // Whoever was away is tried again after a pause.
    await net.eventually('the exchange says why', isSaid, 10 * 60_000)
    mute()
    await eventuallySees(net, bob, thread, 'Two.')
    t.strictSame(await textsOf(bob, thread), ['One.', 'Two.'])
  },
)

t.test('a peer that was away for long catches up by what it lacks', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await net.crash('globex')
  for (let i = 0; i < 30; i++) await post(alice, thread, `Message ${i}`)
  await net.clock.advance(10 * 60_000)
  await net.restart('globex')
  await eventuallySees(net, bob, thread, 'Message 29')
  t.equal((await textsOf(bob, thread))!.length, 30)
  t.strictSame(
    (await entriesOf(bob, thread)).map(({ seq }) => seq),
    (await entriesOf(alice, thread)).map(({ seq }) => seq),
  )
})

async function hashesOf(net: Network, node: string, thread: string): Promise<string[]> {
  const rows = await net
    .node(node)
    .context.db.selectFrom('entry')
    .select('hash')
    .where('spaceId', '=', thread as never)
    .orderBy('seq')
    .execute()
  return rows.map((row) => row.hash)
}

t.test('the same entries on two ways at once are taken once, and freeze nothing', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { context } = net.node('globex')
  for (let round = 0; round < 12; round++) {
    await post(alice, thread, `Round ${round}.`)
    // The push is on its way too.
    const pull = async () => await pullSpace(context, 'acme.test' as NodeId, thread as SpaceId)
    await Promise.all([pull(), pull(), pull()])
  }
  await eventuallySees(net, bob, thread, 'Round 11.')
  t.equal((await textsOf(bob, thread))?.length, 12)
  t.strictSame(await context.db.selectFrom('securityEvent').select('kind').execute(), [])
})
