import t from 'tap'
import type { HttpResult } from '#federation/transport/http.ts'
import { answer, cursorOf, fault, isPush, later, page, problem, pushesOf } from '../helpers/failing.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'

// What a host makes of a follower that answers what no node says, and of one that refuses.

const table: readonly [string, HttpResult, string, string][] = [
  ['a page not found', page(404), 'http-status', 'status-404'],
  ['a page that is gone', page(410), 'http-status', 'status-410'],
  ['a page that is forbidden', page(403), 'http-status', 'status-403'],
  ['a server error', page(500), 'http-status', 'status-500'],
  ['a teapot', page(418), 'http-status', 'status-418'],
  ['a redirect', page(302, { location: 'https://elsewhere.test/' }), 'http-status', 'redirect-302'],
  ['no content', answer(204, 'text/html'), 'bad-answer', 'status-204'],
  ['a page', page(200), 'bad-answer', 'content-type'],
  ['garbage', answer(200, 'application/parley+json', '{"receipt":'), 'bad-answer', 'json-truncated'],
  ['no receipt', answer(200, 'application/parley+json', '{"rejected":[]}'), 'bad-answer', 'shape-receipt'],
  [
    'a receipt of nobody',
    answer(200, 'application/parley+json', '{"receipt":"a.b.c","rejected":[]}'),
    'bad-answer',
    'receipt',
  ],
  ['a byte a second', fault('timeout-answer', 'too-slow'), 'timeout-answer', 'too-slow'],
]

t.test('FAN-10, X7: what no node says moves no cursor, deletes nothing, and is named', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  for (const [what, said, reason, detail] of table) {
    const { ackedSeq } = await cursorOf(net, thread)
    const since = await later(net)
    const heal = net.wire.answer(isPush, () => said)
    await post(alice, thread, `Through ${what}.`)
    await net.clock.advance(100)
    t.match((await pushesOf(net, since)).at(0), { verdict: 'failed', reason, detail }, what)
    t.strictSame(await cursorOf(net, thread), { ackedSeq, stopped: null }, what)
    t.ok((await textsOf(bob, thread))?.includes('Before.'), what)
    heal()
    await eventuallySees(net, bob, thread, `Through ${what}.`)
  }
})

t.test(
  'FAN-10: what the node itself says may stop a cursor, until it asks for the space again',
  async (t) => {
    const { net, alice, bob, thread } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const heal = net.wire.answer(isPush, () => problem('not-participating'))
    await post(alice, thread, 'Refused.')
    await net.clock.advance(100)
    t.match(await cursorOf(net, thread), { stopped: 'not-participating' })
    t.match((await pushesOf(net, 0)).at(-1), { verdict: 'refused', code: 'not-participating' })
    heal()
    const since = await later(net)
    await net.clock.advance(30_000)
    t.strictSame(await pushesOf(net, since), [])
    t.strictSame(await textsOf(bob, thread), ['Before.'])
    await net.crash('globex')
    await net.restart('globex')
    await eventuallySees(net, bob, thread, 'Refused.')
    await post(alice, thread, 'Taken.')
    await eventuallySees(net, bob, thread, 'Taken.')
  },
)
