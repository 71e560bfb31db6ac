import t from 'tap'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Breakers } from '#server/peers/exchange/breaker.ts'
import { seededRandom } from '../helpers/random.ts'

// What is remembered of how peers answer (SPEC G4 to G8).

const start = 1_800_000_000_000
const node = 'globex.test' as NodeId
const minuteMs = 60_000

function opened(seed = 'x'): Breakers {
  const breakers = new Breakers(seededRandom(seed))
  for (let i = 0; i < limits.breakerFailuresMax; i++) breakers.end(node, 'failed', start)
  return breakers
}

t.test('five failures without an answer between them open the breaker', async (t) => {
  const breakers = new Breakers(seededRandom('five'))
  for (let i = 1; i <= 4; i++) t.equal(breakers.end(node, 'failed', start + i), undefined)
  breakers.end(node, 'answered', start + 5)
  for (let i = 1; i <= 4; i++) t.equal(breakers.end(node, 'failed', start + 5 + i), undefined)
  t.equal(breakers.restMs(node, 'log', start + 10), 0)
  t.equal(breakers.end(node, 'failed', start + 10), 'opened')
  t.ok(breakers.restMs(node, 'log', start + 10) >= minuteMs)
})

t.test('five failures in more than ten minutes do not', async (t) => {
  const breakers = new Breakers(seededRandom('slow'))
  for (let i = 0; i < 20; i++) t.equal(breakers.end(node, 'failed', start + i * 3 * minuteMs), undefined)
})

t.test('one request at a time asks, after a minute and then after longer, up to an hour', async (t) => {
  const breakers = opened()
  let now = start
  const pauses: number[] = []
  for (let i = 0; i < 10; i++) {
    const rest = breakers.restMs(node, 'control', now)
    pauses.push(rest)
    now += rest
    t.equal(breakers.restMs(node, 'control', now), 0)
    breakers.begin(node, now)
    t.ok(breakers.restMs(node, 'control', now) >= minuteMs, 'nobody else asks meanwhile')
    breakers.end(node, 'failed', now)
  }
  t.ok(pauses.every((ms) => ms >= minuteMs && ms <= 60 * minuteMs))
  t.ok(pauses[0]! <= 1.25 * minuteMs)
  t.ok(pauses[9]! >= 45 * minuteMs)
  breakers.begin(node, now + 60 * minuteMs)
  t.equal(breakers.end(node, 'answered', now + 60 * minuteMs), 'closed')
  t.equal(breakers.restMs(node, 'log', now + 60 * minuteMs), 0)
})

t.test('the control lane asks first, and whoever has just tried in vain comes last', async (t) => {
  const breakers = opened()
  const works = [
    { lane: 'log', name: 'log lane' },
    { lane: 'control', name: 'control lane' },
    { lane: 'control', name: 'lease lane' },
  ] as const
  const turns = (now: number) => works.map((work) => breakers.turnMs(node, work, now))
  const first = breakers.restMs(node, 'log', start)
  t.strictSame(turns(start), [first + limits.breakerTurnMs, first, first])
  const at = start + first
  t.equal(breakers.turnMs(node, works[1], at), 0)
  breakers.begin(node, at)
  breakers.end(node, 'failed', at)
  const second = breakers.restMs(node, 'log', at)
  t.strictSame(turns(at), [second + limits.breakerTurnMs, second + 2 * limits.breakerTurnMs, second])
})

t.test('FAN-06: peers that went together are not asked together', async (t) => {
  const random = seededRandom('fifty')
  const breakers = new Breakers(random)
  const peers = Array.from({ length: 50 }, (_, i) => `peer${i}.test` as NodeId)
  for (const peer of peers)
    for (let i = 0; i < limits.breakerFailuresMax; i++) breakers.end(peer, 'failed', start)
  const times = peers.map((peer) => Math.floor(breakers.restMs(peer, 'control', start) / 1000))
  const most = Math.max(...times.map((second) => times.filter((other) => other === second).length))
  t.ok(most <= 12, `${most} in the same second`)
})

t.test('FAN-12: a peer that speaks is asked at once, and not for each of its words', async (t) => {
  const breakers = opened()
  t.equal(breakers.hear(node, start + 1_000), true)
  t.equal(breakers.restMs(node, 'control', start + 1_000), 0)
  breakers.begin(node, start + 1_000)
  breakers.end(node, 'failed', start + 1_000)
  t.equal(breakers.hear(node, start + 2_000), false, 'it may hear nothing of what we say')
  t.ok(breakers.restMs(node, 'control', start + 2_000) >= minuteMs)
  t.equal(breakers.hear(node, start + 1_000 + limits.breakerHeardMs), true)
})

t.test('FAN-07: a lane that is asked to be quiet is, and the others are not', async (t) => {
  const breakers = new Breakers(seededRandom('ask'))
  breakers.ask(node, 'log', start + 120_000, start)
  t.equal(breakers.end(node, 'answered', start), undefined)
  t.equal(breakers.restMs(node, 'log', start + 1_000), 119_000)
  t.equal(breakers.restMs(node, 'control', start + 1_000), 0)
  t.equal(breakers.restMs(node, 'log', start + 120_000), 0)
})

t.test('DOS-06: a hundred thousand names cost a bounded memory, which time gives back', async (t) => {
  const breakers = new Breakers(seededRandom('many'))
  for (let i = 0; i < 100_000; i++) breakers.end(`n${i}.test` as NodeId, 'failed', start)
  t.equal(breakers.size, limits.breakersMax)
  breakers.expire(start + limits.breakerKeptMs - 1)
  t.equal(breakers.size, limits.breakersMax)
  breakers.expire(start + limits.breakerKeptMs)
  t.equal(breakers.size, 0)
})

t.test('[G6] orders are sent to whoever asks to be left alone, and to nobody who is dead', async (t) => {
  const breakers = new Breakers(seededRandom('orders'))
  breakers.ask(node, 'control', start + 5 * minuteMs, start)
  t.equal(breakers.restMs(node, 'control', start), 5 * minuteMs)
  t.equal(breakers.restMs(node, 'control', start, true), 0)
  for (let i = 0; i < limits.breakerFailuresMax; i++) breakers.end(node, 'failed', start)
  t.ok(breakers.restMs(node, 'control', start, true) >= minuteMs)
})
