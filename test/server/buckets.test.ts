import t from 'tap'
import { placeOf } from '#server/peers/exchange/sources.ts'
import { Buckets } from '#server/ports/buckets.ts'

const rate = { perSecond: 5, burst: 20 }

t.test('a bucket gives its burst at once, and then so much a second', async (t) => {
  const buckets = new Buckets<string>(10)
  for (let n = 0; n < 20; n++) t.equal(buckets.take('a', rate, { now: 0 }), 0)
  t.equal(buckets.take('a', rate, { now: 0 }), 200, 'milliseconds until there is one')
  t.equal(buckets.take('b', rate, { now: 0 }), 0, 'everybody has their own')
  t.equal(buckets.take('a', rate, { now: 200 }), 0)
  t.equal(buckets.take('a', rate, { count: 10, now: 200 }), 2_000)
  t.equal(buckets.take('a', rate, { count: 10, now: 2_200 }), 0)
  buckets.giveBack('a', rate, 2_200)
  t.equal(buckets.take('a', rate, { now: 2_200 }), 0, 'what was given back is there again')
})

t.test('what is full again is forgotten, and beyond the bound who was there longest ago', async (t) => {
  const buckets = new Buckets<number>(100)
  for (let name = 0; name < 10_000; name++) buckets.take(name, rate, { now: 0 })
  t.equal(buckets.size, 100)
  buckets.take(1, rate, { now: 60_000 })
  t.equal(buckets.size, 1)
})

t.test('addresses of one IPv6 network are one place', async (t) => {
  for (const [address, place] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const)
    t.equal(placeOf(address), place, address)
})
