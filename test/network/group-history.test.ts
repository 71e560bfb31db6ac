import t from 'tap'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { listThreads } from '#schema/wire/endpoints.ts'
import { findSpace } from '#server/db/spaces.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import {
  entriesOf,
  eventuallySees,
  post,
  share,
  startGroup,
  startThread,
  textsOf,
} from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

// Threads that people of another company reach through a group: which of them, and how much of each.

/** Has any of these texts come to globex, in whatever request or answer? */
function hasHeard(net: Network, ...texts: string[]): boolean {
  const heard = net.wire.sightings.flatMap(({ from, to, body, answer }) => [
    ...(to === 'globex.test' ? [body] : []),
    ...(from === 'globex.test' ? [answer] : []),
  ])
  return heard.some((words) => texts.some((text) => words.includes(text)))
}

async function begin(alice: Person, title: string, group: string): Promise<string> {
  const thread = await startThread(alice, { title, groups: [group] })
  await post(alice, thread, `${title} one.`)
  return thread
}

t.test('JOI-50: a company that joins a group sees the threads that its window includes', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const bea = await net.person('bea', 'globex')
  const group = await startGroup(alice, { title: 'Team' })
  await post(alice, group, 'Chat of before.')
  const early = await begin(alice, 'Early', group)
  await share(net, alice, group, bob, { history: 'now' })
  const late = await begin(alice, 'Late', group)
  await eventuallySees(net, bob, late, 'Late one.')
  await net.clock.advance(30_000)
  t.equal(await textsOf(bob, early), undefined, 'what began before is not included')
  t.notOk(hasHeard(net, 'Early', 'Chat of before.'), 'and not one byte of it came')
  await post(bob, late, 'From globex.')
  await eventuallySees(net, alice, late, 'From globex.')

  await share(net, alice, group, bea, { history: 'all' })
  await eventuallySees(net, bea, early, 'Early one.')
  await eventuallySees(net, bea, group, 'Chat of before.')
  t.equal(await textsOf(bob, early), undefined, 'a colleague with a wider window changes nothing for him')
  t.strictSame(await textsOf(bob, group), [])
})

t.test('JOI-50: in a group a window from an entry on includes the threads that came after', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const group = await startGroup(alice, { title: 'Team' })
  const first = await begin(alice, 'First', group)
  await net.person('anna', 'acme')
  await alice.ok('POST', `/api/spaces/${group}/members`, { handle: 'anna' })
  const second = await begin(alice, 'Second', group)
  await share(net, alice, group, bob, { history: 'since:2' })
  await eventuallySees(net, bob, second, 'Second one.')
  await net.clock.advance(30_000)
  t.equal(await textsOf(bob, first), undefined)
  t.notOk(hasHeard(net, 'First one.'))
})

t.test('JOI-50: a group that a live thread is opened to gets as much of it as is granted', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const group = await startGroup(alice, { title: 'Team' })
  await share(net, alice, group, bob)
  for (const [history, seen, hidden] of [
    ['now', ['after-now'], ['one-now', 'two-now']],
    ['since:3', ['two-since:3', 'after-since:3'], ['one-since:3']],
    ['all', ['one-all', 'two-all', 'after-all'], []],
  ] as const) {
    const thread = await startThread(alice, { title: `Window ${history}` })
    await post(alice, thread, `one-${history}`)
    await post(alice, thread, `two-${history}`)
    await alice.ok('POST', `/api/spaces/${thread}/groups`, {
      groupId: group,
      history,
      companies: ['globex.test'],
    })
    await post(alice, thread, `after-${history}`)
    await eventuallySees(net, bob, thread, `after-${history}`)
    t.strictSame(await textsOf(bob, thread), seen, history)
    if (hidden.length > 0) t.notOk(hasHeard(net, ...hidden), `${history}: nothing else came`)
    const standings = (await entriesOf(bob, thread)).map(({ standing }) => standing)
    t.ok(standings.every((standing) => standing === 'verified'))
  }
})

t.test('JOI-51: a follower learns of a thread by push, and by the list when a push is lost', async (t) => {
  const net = await network(['acme', 'globex', 'initech'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.person('carol', 'initech')
  await net.befriend('acme', 'globex')
  await net.befriend('acme', 'initech')
  const group = await startGroup(alice, { title: 'Team' })
  await share(net, alice, group, bob, { history: 'now' })
  const pushed = await begin(alice, 'Pushed', group)
  await eventuallySees(net, bob, pushed, 'Pushed one.')

  const list = async (node: string) => {
    const { context } = net.node(node)
    const asked = { contract: listThreads, params: { space: group }, query: {} }
    const answer = await callPeer(context, 'acme.test' as NodeId, asked)
    if (answer.ok) return answer.value.threads.map(([id]) => id)
    return 'refused' in answer ? answer.refused.code : answer.failed.reason
  }
  t.strictSame(await list('globex'), [pushed])
  t.equal(await list('initech'), 'not-visible', 'a node without a member is told nothing')

  // The host believes that it was refused for good, so it pushes no more.
  const { db } = net.node('acme').context
  const missed = await startThread(alice, { title: 'Missed' })
  const stopped = {
    spaceId: missed as SpaceId,
    node: 'globex.test' as NodeId,
    ackedHash: null,
    stopped: 'space-purged',
  }
  await db.insertInto('cursor').values(stopped).execute()
  const stop = net.wire.loseAnswers((_, to, { target }) => to === 'globex.test' && target.includes(missed))
  await alice.ok('POST', `/api/spaces/${missed}/groups`, {
    groupId: group,
    history: 'all',
    companies: ['globex.test'],
  })
  await db
    .updateTable('cursor')
    .set({ stopped: 'space-purged' })
    .where('spaceId', '=', missed as SpaceId)
    .execute()
  const globex = net.node('globex').context
  await globex.db
    .updateTable('space')
    .set({ threadsListedAt: null })
    .where('id', '=', group as SpaceId)
    .execute()
  await net.eventually('the list brings it', async () => (await textsOf(bob, missed)) !== undefined)
  stop()
  const heard = net.wire
    .heardBy('initech.test')
    .filter(({ body, target }) => (body + target).includes(pushed))
  t.strictSame(heard, [])
})

t.test('JOI-13: a thread of an internal group is shared alone, and the group never', async (t) => {
  const { net, alice } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const anna = await net.person('anna', 'acme')
  const group = await startGroup(alice, { title: 'Inner circle', people: [anna] })
  await post(alice, group, 'Chat of the inner circle.')
  await begin(alice, 'Another matter', group)
  for (const [n, [history, seen]] of [
    ['now', ['three-now']],
    ['since:3', ['two-since:3', 'three-since:3']],
    ['all', ['one-all', 'two-all', 'three-all']],
  ].entries() as IterableIterator<[number, [string, string[]]]>) {
    const guest = await net.person(`guest${n}`, 'globex')
    const thread = await startThread(alice, { title: `Shared ${history}`, groups: [group] })
    await post(anna, thread, `one-${history}`)
    await post(anna, thread, `two-${history}`)
    await share(net, alice, thread, guest, { history })
    await post(anna, thread, `three-${history}`)
    await eventuallySees(net, guest, thread, `three-${history}`)
    t.strictSame(await textsOf(guest, thread), seen)
    const left = [`one-${history}`, `two-${history}`].filter((text) => !seen.includes(text))
    if (left.length > 0) t.notOk(hasHeard(net, ...left), 'only what was chosen leaves')
    t.equal(await textsOf(guest, group), undefined)
  }
  t.notOk(hasHeard(net, 'Inner circle', 'Chat of the inner circle.', 'Another matter'))
  t.equal(await findSpace(net.node('globex').context.db, group as SpaceId), undefined)
})
