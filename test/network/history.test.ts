import t from 'tap'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { getSnapshot, pullEntries } from '#schema/wire/endpoints.ts'
import { callPeer, type PeerAnswer } from '#server/peers/exchange/call.ts'
import type { Network } from '../helpers/network.ts'
import { entriesOf, eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

// People of another company with a part of the history: their node is sent that part, and nothing before it.

/** Has any of these texts come to a node, in whatever request or answer? */
function hasHeard(net: Network, node: string, ...texts: string[]): boolean {
  const heard = net.wire.sightings.flatMap(({ from, to, body, answer }) => [
    ...(to === node ? [body] : []),
    ...(from === node ? [answer] : []),
  ])
  return heard.some((words) => texts.some((text) => words.includes(text)))
}

function codeOf(answer: PeerAnswer<unknown>): string | undefined {
  if (answer.ok) return undefined
  return 'refused' in answer ? answer.refused.code : answer.failed.reason
}

function linesOf(entries: Awaited<ReturnType<typeof entriesOf>>): unknown[] {
  return entries.map(({ seq, type, standing, sender, content }) => [seq, type, standing, sender, content])
}

t.test('JOI-01, JOI-06: who joins from now on gets what comes, checked from a snapshot on', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await post(alice, thread, 'A secret of before.')
  await share(net, alice, thread, bob, { history: 'now' })
  await post(alice, thread, 'Welcome.')
  await eventuallySees(net, bob, thread, 'Welcome.')
  t.strictSame(await textsOf(bob, thread), ['Welcome.'])
  t.notOk(hasHeard(net, 'globex.test', 'A secret of before.'))
  const types = (await entriesOf(bob, thread)).map(({ type, standing }) => [type, standing])
  t.strictSame(types, [
    ['member.join', 'verified'],
    ['msg.post', 'verified'],
  ])
  await post(bob, thread, 'Thank you.')
  await eventuallySees(net, alice, thread, 'Thank you.')
  await eventuallySees(net, bob, thread, 'Thank you.')
  const seen = await bob.get<{ members: { person: { name: string } }[]; title: string }>(
    `/api/spaces/${thread}`,
  )
  t.strictSame(seen.members.map(({ person }) => person.name).toSorted(), ['alice', 'bob'])
  t.equal(seen.title, 'Launch')
})

t.test('JOI-06: nothing before its window is given to a node that asks for it', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await post(alice, thread, 'Before.')
  await share(net, alice, thread, bob, { history: 'now' })
  const space = thread as SpaceId
  const globex = net.node('globex').context
  const host = 'acme.test' as NodeId
  const from = (await entriesOf(bob, thread))[0]!.seq
  const pull = async (query: Record<string, number>) =>
    codeOf(await callPeer(globex, host, { contract: pullEntries, params: { space }, query }))
  const snapshot = async (at: number) =>
    codeOf(await callPeer(globex, host, { contract: getSnapshot, params: { space }, query: { part: 0, at } }))
  t.equal(await pull({ after: from - 1 }), undefined)
  t.equal(await pull({ after: 0 }), 'not-visible')
  t.equal(await pull({ after: from - 2 }), 'not-visible')
  t.equal(await pull({ after: 0, before: 3 }), 'not-visible')
  t.equal(await snapshot(from - 1), undefined)
  t.equal(await snapshot(from - 2), 'not-visible')
  t.equal(await snapshot(from + 100), 'not-visible')
})

t.test('GAP-02: a wider window of a colleague brings what is missing, and only to them', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const bea = await net.person('bea', 'globex')
  const ben = await net.person('ben', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  for (const text of ['One.', 'Two.', 'Three.']) await post(alice, thread, text)
  await share(net, alice, thread, bob, { history: 'now' })
  await post(bob, thread, 'Four.')
  await share(net, alice, thread, bea, { history: 'since:3' })
  await eventuallySees(net, bea, thread, 'Two.')
  t.strictSame(await textsOf(bea, thread), ['Two.', 'Three.', 'Four.'])
  t.strictSame(await textsOf(bob, thread), ['Four.'], 'his history begins where it did')
  t.notOk(hasHeard(net, 'globex.test', 'One.'), 'and nothing comes that nobody may see')
  await share(net, alice, thread, ben, { history: 'all' })
  await eventuallySees(net, ben, thread, 'One.')
  t.strictSame(await entriesOf(ben, thread).then(linesOf), await entriesOf(alice, thread).then(linesOf))
  t.strictSame(await textsOf(bob, thread), ['Four.'])
})

t.test('a window that begins at a moment is turned into an entry by the host', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await post(alice, thread, 'A minute ago.')
  await net.clock.advance(60_000)
  const date = net.clock.now
  await post(alice, thread, 'Today.')
  await share(net, alice, thread, bob, { history: { date } })
  await eventuallySees(net, bob, thread, 'Today.')
  t.strictSame(await textsOf(bob, thread), ['Today.'])
  t.notOk(hasHeard(net, 'globex.test', 'A minute ago.'))
})

t.test('JOI-08: after leaving, a new membership is a new window, on a copy that begins anew', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await post(alice, thread, 'While he was here.')
  await eventuallySees(net, bob, thread, 'While he was here.')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.eventually('bob is out', async () => (await textsOf(bob, thread)) === undefined)
  await post(alice, thread, 'While he was away.')
  await share(net, alice, thread, bob, { history: 'now' })
  await post(alice, thread, 'Welcome back.')
  await eventuallySees(net, bob, thread, 'Welcome back.')
  t.strictSame(await textsOf(bob, thread), ['Welcome back.'])
  t.notOk(hasHeard(net, 'globex.test', 'While he was away.'))
})

t.test('GAP-09: a node that dies while it fetches a long past goes on where it was', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const bea = await net.person('bea', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  for (let n = 0; n < 12; n++)
    await Promise.all(Array.from({ length: 50 }, async () => await post(alice, thread, `Old ${n}.`)))
  await share(net, alice, thread, bob, { history: 'now' })
  let pages = 0
  const isPast = (_: string, __: string, { target }: { target: string }): boolean =>
    target.includes('before=')
  const stop = net.wire.loseAnswers((from, to, request) => isPast(from, to, request) && ++pages > 1)
  await share(net, alice, thread, bea, { history: 'all' })
  await net.eventually('one page came, the next is lost', async () => pages > 1)
  await net.crash('globex')
  stop()
  await net.restart('globex')
  const first = async () => (await bea.get<{ fromSeq: number }>(`/api/spaces/${thread}/entries`)).fromSeq
  await net.eventually('bea sees the beginning', async () => (await first()) === 1, 2 * 60 * 60_000)
  const held = await net.node('globex').context.db.selectFrom('entry').select('seq').execute()
  t.equal(held.length, 600 + 6, 'every entry once')
})
