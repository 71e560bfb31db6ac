import t from 'tap'
import { limits } from '#schema/limits.ts'
import { fault, isPush, isToGlobex, later, page, problem, pushesOf } from '../helpers/failing.ts'
import { sharedWithTwo } from '../helpers/removals.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, inviteTo, post, share, startThread, textsOf } from '../helpers/spaces.ts'

// When a host tries again.

t.test('FAN-07: a follower that asks to be left alone is, for as long as it asks', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const asks: readonly [number, (now: number) => string][] = [
    [120_000, () => '120'],
    [1_000_000, (now) => new Date(now + 1_000_000).toUTCString()],
    [3_600_000, () => '86400'],
  ]
  for (const [ms, say] of asks) {
    const text = say(net.clock.now)
    const heal = net.wire.answer(isPush, () => page(429, { 'retry-after': text }))
    const since = await later(net)
    await post(alice, thread, `After ${text}.`)
    await net.clock.advance(100)
    t.equal((await pushesOf(net, since)).length, 1)
    heal()
    // Whoever hears nothing from the other side, and looks at the clock.
    await net.clock.leap(ms - 2_000)
    t.equal((await pushesOf(net, since)).length, 1, text)
    await net.eventually('it is pushed', async () => (await pushesOf(net, since)).length > 1, 12_000)
    await eventuallySees(net, bob, thread, `After ${text}.`)
  }
  const since = await later(net)
  const heal = net.wire.answer(isPush, () => page(429, { 'retry-after': '-5' }))
  await post(alice, thread, 'After nonsense.')
  await net.clock.advance(100)
  heal()
  await net.eventually('it is pushed', async () => (await pushesOf(net, since)).length > 1, 10_000)
})

t.test('an order that something else answers is given again, later each time', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const given: number[] = []
  const isOrder: typeof isPush = (_from, to, { method, target }) =>
    to === 'globex.test' && method === 'POST' && target.endsWith('/fences')
  // No node answers so, and none is away: the breaker stays shut.
  const heal = net.wire.answer(isOrder, () => {
    given.push(net.clock.now)
    return page(404)
  })
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.clock.advance(2 * 60_000)
  const gaps = given.slice(1).map((at, i) => at - given[i]!)
  t.ok(gaps.length >= 6 && gaps.length <= 20, gaps.join(' '))
  t.strictSame(
    gaps.filter((ms, i) => ms < 1_000 || ms > 1_000 * 2 ** (i + 1) + limits.sweepMs),
    [],
    'by chance between a second and twice as long as before',
  )
  heal()
  await net.eventually('it arrives', async () => (await textsOf(bob, thread)) === undefined, 20 * 60_000)
})

t.test('FAN-12: a dead peer is asked once a minute, and at once when it speaks', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const asked: number[] = []
  const heal = net.wire.answer(isToGlobex, () => {
    asked.push(net.clock.now)
    return fault('connect', 'econnrefused')
  })
  await post(alice, thread, 'To a dead one.')
  await net.eventually('the breaker is open', async () => asked.length >= 5)
  await net.clock.advance(4 * 60_000)
  const gaps = asked.slice(5).map((at, i) => at - asked[i + 4]!)
  t.ok(gaps.length >= 1 && gaps.length <= 4, gaps.join(' '))
  t.ok(gaps.every((ms) => ms >= 60_000))
  heal()
  await net.clock.advance(10_000)
  t.strictSame(await textsOf(bob, thread), ['Before.'])
  await post(bob, thread, 'I am back.')
  await net.eventually(
    'bob sees what waited',
    async () => (await textsOf(bob, thread))?.includes('To a dead one.') ?? false,
    5_000,
  )
})

t.test(
  'a space that is not taken is tried again after pauses that grow, and holds up no other',
  async (t) => {
    const { net, alice, bob, thread } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const other = await startThread(alice, { title: 'Other' })
    await share(net, alice, other, bob)
    const tries: number[] = []
    const heal = net.wire.answer(
      (from, to, request) => isPush(from, to, request) && request.target.includes(thread),
      () => {
        tries.push(net.clock.now)
        return problem('schema')
      },
    )
    await post(alice, thread, 'Not taken.')
    await net.clock.advance(60_000)
    const { db } = net.node('acme').context
    const cursor = await db
      .selectFrom('cursor')
      .select(['failures', 'nextAttemptAt'])
      .where('spaceId', '=', thread)
      .executeTakeFirstOrThrow()
    t.equal(cursor.failures, tries.length, 'each try is counted')
    t.ok(cursor.nextAttemptAt > net.clock.now - 5_000 && tries.length >= 3 && tries.length <= 12)
    await post(alice, other, 'Taken.')
    const soon = async () => (await textsOf(bob, other))?.includes('Taken.') ?? false
    await net.eventually('the other one arrives', soon, 2_000)
    heal()
    await eventuallySees(net, bob, thread, 'Not taken.')
  },
)

t.test('a fence that is refused holds up neither the next one nor anything else', async (t) => {
  const { net, alice, bob, bea, thread } = await sharedWithTwo()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const cleo = await net.person('cleo', 'globex')
  await share(net, alice, thread, cleo)
  const heal = net.wire.answer(
    (_from, to, { method, target, body }) =>
      to === 'globex.test' && method === 'POST' && target.endsWith('/v1/fences') && numberOf(body!) === 1,
    () => problem('schema'),
  )
  const remove = async (id: string) => await alice.ok('DELETE', `/api/spaces/${thread}/members/${id}`)
  await remove(bob.id)
  await remove(bea.id)
  await net.eventually('the second fence is confirmed', async () => {
    const { db } = net.node('acme').context
    const fences = await db.selectFrom('fence').select(['n', 'receipt']).orderBy('n').execute()
    return fences.length === 2 && fences[0]!.receipt === null && fences[1]!.receipt !== null
  })
  await inviteTo(net, alice, await startThread(alice, { title: 'Next' }), cleo)
  heal()
  await net.eventually(
    'the first is confirmed too',
    async () => {
      const { db } = net.node('acme').context
      return (await db.selectFrom('fence').select('n').where('receipt', 'is', null).execute()).length === 0
    },
    10 * 60_000,
  )
})

function numberOf(body: Uint8Array): number {
  const { fence } = JSON.parse(Buffer.from(body).toString()) as { fence: string }
  return (JSON.parse(Buffer.from(fence.split('.')[1]!, 'base64url').toString()) as { n: number }).n
}
