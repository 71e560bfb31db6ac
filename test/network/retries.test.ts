import t from 'tap'
import { fault, isPush, isToGlobex, later, page, pushesOf } from '../helpers/failing.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'

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
