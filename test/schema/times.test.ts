import t from 'tap'
import { Milliseconds, Seconds } from '#schema/wire/event.ts'
import { Identity } from '#schema/wire/identity.ts'
import { Statement } from '#schema/wire/statement.ts'

const nonsense = [
  ['before there was a Parley', 0, -1, 1],
  ['no integer', 1_800_000_000.5, 1_800_000_000_000.5, Number.NaN, Number.POSITIVE_INFINITY],
  ['beyond what is exact', 2 ** 53, 2 ** 63],
  ['a date in words', '2026-12-31T23:59:60Z', '1800000000', null, true],
  ['the last second that some can write', 253_402_300_799_000, 253_402_300_800_000],
] as const

t.test('CLK-04: times that make no sense are no times, and seconds are no milliseconds', async (t) => {
  for (const [name, ...values] of nonsense) {
    for (const value of values) {
      t.equal(Seconds.safeParse(value).success, false, `${name}: ${value} s`)
      t.equal(Milliseconds.safeParse(value).success, false, `${name}: ${value} ms`)
    }
  }
  // 2038 and 2106 are where 32 bits end, and dates like others. A leap second has no number of its own.
  const sound = [
    '2026-12-31T23:59:59Z',
    '2027-01-01T00:00:00Z',
    '2038-01-19T03:14:08Z',
    '2106-02-07T06:28:16Z',
  ]
  sound.push('2027-03-28T01:00:00Z', '2027-10-31T01:00:00Z')
  for (const text of sound) {
    const ms = Date.parse(text)
    t.equal(Milliseconds.safeParse(ms).success, true, text)
    t.equal(Seconds.safeParse(ms / 1000).success, true, text)
    t.equal(Seconds.safeParse(ms).success, false, `milliseconds as seconds: ${text}`)
    t.equal(Milliseconds.safeParse(ms / 1000).success, false, `seconds as milliseconds: ${text}`)
  }
})

t.test('CLK-04: signed documents are held to it', async (t) => {
  for (const shape of [Identity, Statement]) {
    for (const name of ['iat', 'exp'] as const) {
      for (const wrong of [0, 1_800_000_000_000]) {
        t.equal(shape.shape[name].safeParse(wrong).success, false, `${name} ${wrong}`)
      }
      t.equal(shape.shape[name].safeParse(2 ** 32).success, true)
    }
  }
})
