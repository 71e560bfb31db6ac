import t from 'tap'
import { pauseOf, readRetryAfter } from '#federation/retry-after.ts'

const now = Date.UTC(2026, 10, 28, 12, 0, 0)
const hourMs = 3_600_000

t.test('FAN-07: how long to wait is what they ask for, between a second and an hour', async (t) => {
  const cases: readonly [string, number][] = [
    ['120', 120_000],
    ['0', 1_000],
    ['1', 1_000],
    ['3600', hourMs],
    ['86400', hourMs],
    ['9999999999', hourMs],
    ['Sat, 28 Nov 2026 12:02:00 GMT', 120_000],
    ['Sat, 28 Nov 2026 11:00:00 GMT', 1_000],
    ['Sun, 29 Nov 2026 12:00:00 GMT', hourMs],
  ]
  for (const [text, ms] of cases) t.equal(readRetryAfter(text, now), ms, text)
})

t.test('FAN-07: what is not a time is no wish', async (t) => {
  const garbage = [
    undefined,
    '',
    '-5',
    '1.5',
    ' 12',
    '12s',
    '1e3',
    '99999999999',
    'soon',
    'Sat, 99 Nov 2026 12:02:00 GMT',
    'Sat, 28 Foo 2026 12:02:00 GMT',
    '2026-11-28T12:02:00Z',
    'Saturday, 28-Nov-26 12:02:00 GMT',
    'Sat, 28 Nov 2026 12:02:00 +0100',
    '120\r\nx: y',
  ]
  for (const text of garbage) t.equal(readRetryAfter(text, now), undefined, String(text))
})

t.test('seconds of a problem document keep to the same bounds', async (t) => {
  t.equal(pauseOf(0), 1_000)
  t.equal(pauseOf(30), 30_000)
  t.equal(pauseOf(10 ** 9), hourMs)
})
