import t from 'tap'
import { formatTarget, readTarget } from '#federation/target.ts'
import { take, verdict } from './fixtures.ts'

const space = `s_${'A'.repeat(43)}`
const user = `u_${'b'.repeat(26)}@globex.example`

t.test('[S2] the targets of the protocol are read, and written as they were', async (t) => {
  const targets: [string, string, string][] = [
    ['/v1/node', '/v1/node', '?'],
    ['/v1/node/ops?after=7', '/v1/node/ops', '?after=7'],
    [
      `/parley/v1/spaces/${space}/entries?after=12&limit=500`,
      `/parley/v1/spaces/${space}/entries`,
      '?after=12&limit=500',
    ],
    [`/v1/identities/${user}`, `/v1/identities/${user}`, '?'],
    [`/v1/files/f_1?user=${user}`, '/v1/files/f_1', `?user=${user}`],
    ['/v1/spaces/-dash~and_dots.in.it/head', '/v1/spaces/-dash~and_dots.in.it/head', '?'],
  ]
  for (const [raw, path, query] of targets) {
    const target = take(readTarget(raw))
    t.same(target, { path, query })
    t.equal(formatTarget(target), raw)
  }
})

t.test('REQ-09 [S2] encoded slashes and dots are refused, nothing is decoded', async (t) => {
  for (const raw of [
    '/v1/spaces/a%2fb',
    '/v1/spaces/%2e%2e%2fx',
    '/v1/a?x=%00',
    '/v1/%41',
    '/v1/a%',
    '/v1/a?x=a%2Fb',
  ]) {
    t.equal(verdict(readTarget(raw)), 'bad-target/form', raw)
  }
})

t.test('[S2] everything that routers and proxies read differently is refused', async (t) => {
  const bad = [
    '',
    '/',
    'v1/node',
    '*',
    'http://evil.example/x',
    '//evil.example/x',
    'evil.example:443',
    '/v1//node',
    '/v1/node/',
    '/v1/../node',
    '/v1/./node',
    '/v1/.hidden',
    '/..',
    '/v1/node;x=1',
    '/v1/node#x',
    '/v1\\node',
    '/v1/no de',
    '/v1/node\n',
    '/v1/node?',
    '/v1/node?a',
    '/v1/node?a=',
    '/v1/node?=1',
    '/v1/node?a=1&',
    '/v1/node?&a=1',
    '/v1/node?a=1&&b=2',
    '/v1/node?A=1',
    '/v1/node?a1=1',
    '/v1/node?a=1?b=2',
    '/v1/node?a=1+2',
    '/v1/node?a[]=1',
    '/v1/nöde',
    '/v1/a:b',
    '/v1/a,b',
  ]
  for (const raw of bad) t.equal(verdict(readTarget(raw)), 'bad-target/form', JSON.stringify(raw))
  t.equal(verdict(readTarget('/v1/a?x=1&y=2&x=1')), 'bad-target/query-name-twice')
})

t.test('[S2] a target of 2 KiB is read, a longer one is not', async (t) => {
  t.equal(verdict(readTarget(`/${'a'.repeat(2047)}`)), 'accepted')
  t.equal(verdict(readTarget(`/${'a'.repeat(2048)}`)), 'url-too-long')
  t.equal(verdict(readTarget(`${'/a'.repeat(1023)}/%`)), 'bad-target/form', 'no long search for a match')
})
