import t, { type Test } from 'tap'
import { findSpace } from '#server/db/spaces.ts'
import { choose, headOf, offeredTo, type Place, take } from '../helpers/branching.ts'
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
import { kindsAt } from '../helpers/two-faced.ts'

// A group whose log goes on in another epoch, and the threads that lean on it.

type World = {
  net: Network
  alice: Person
  anna: Person
  bob: Person
  group: string
  thread: string
  /** Where the group was before anna came into it. */
  place: Place
}

/** A thread that a group of acme and globex addresses; anna of acme comes into the group after it has begun. */
async function aThreadOfAGroup(t: Test): Promise<World> {
  const net = await network(['acme', 'globex'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const anna = await net.person('anna', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const group = await startGroup(alice, { title: 'Team' })
  await share(net, alice, group, bob)
  const thread = await startThread(alice, { title: 'Launch', groups: [group] })
  await post(alice, thread, 'Hello.')
  await eventuallySees(net, bob, thread, 'Hello.')
  const place = await headOf(alice, group)
  await alice.ok('POST', `/api/spaces/${group}/members`, { handle: 'anna', history: 'all' })
  await post(anna, thread, 'From anna.')
  await eventuallySees(net, bob, thread, 'From anna.')
  await net.clock.settle()
  return { net, alice, anna, bob, group, thread, place }
}

const standings = async (person: Person, space: string): Promise<Set<string>> =>
  new Set((await entriesOf(person, space)).map(({ standing }) => standing))

t.test(
  'EQV-07: threads lean on the epoch of their group, and what was written through the old one stays',
  async (t) => {
    const { net, alice, anna, bob, group, thread, place } = await aThreadOfAGroup(t)
    t.match(await choose(alice, group, place), { status: 200, body: { epoch: 2 } })
    t.equal(await textsOf(anna, thread), undefined, 'who came into the group later never did')
    t.strictSame(await textsOf(alice, thread), ['Hello.', 'From anna.'], 'the thread is what it was')
    // globex has not followed the group yet, and takes the word of the host.
    await post(alice, thread, 'In the second epoch of the group.')
    await eventuallySees(net, bob, thread, 'In the second epoch of the group.')
    const offered = await offeredTo(net, bob, group)
    t.match(await take(bob, group, offered), { status: 200, body: { epoch: 2, taken: true } })
    await post(bob, thread, 'From globex.')
    await eventuallySees(net, alice, thread, 'From globex.')

    // A window in the group is one over all of its epochs.
    const bea = await net.person('bea', 'globex')
    await share(net, alice, group, bea, { history: 'now' })
    const later = await startThread(alice, { title: 'Later', groups: [group] })
    await post(alice, later, 'Later.')
    await eventuallySees(net, bob, later, 'Later.')
    await post(bob, later, 'Later, from globex.')
    await eventuallySees(net, bea, later, 'Later, from globex.')
    t.equal(await textsOf(bea, thread), undefined, 'it was addressed before her window begins')
    await alice.ok('POST', `/api/spaces/${group}/members`, { handle: 'anna', history: 'all' })
    await post(anna, thread, 'Here again.')
    await eventuallySees(net, bob, thread, 'Here again.')
    await net.clock.advance(60_000)
    for (const space of [thread, later]) t.strictSame(await standings(bob, space), new Set(['verified']))
    const { db } = net.node('globex').context
    t.strictSame(await db.selectFrom('attested').selectAll().execute(), [], 'all of it was looked at again')
    t.strictSame((await kindsAt(net, 'globex')).toSorted(), [
      'epoch-offered acme.test',
      'new-epoch acme.test',
    ])
  },
)

t.test('EQV-07: a group is not cut below where a thread began to address it', async (t) => {
  const { net, alice, anna, bob, group, place } = await aThreadOfAGroup(t)
  const late = await startThread(anna, { title: 'Late', groups: [group] })
  await anna.ok('POST', `/api/spaces/${late}/members`, { handle: 'alice', role: 'admin' })
  await share(net, anna, late, bob)
  await post(anna, late, 'Late one.')
  await eventuallySees(net, bob, late, 'Late one.')
  const refused = await choose(alice, group, place)
  t.match(refused, { status: 409, body: { type: 'urn:parley:problem:group-leant-on' } })
  t.match(
    (await findSpace(net.node('acme').context.db, group as never))!,
    { epoch: 1, cuts: 0 },
    'nothing is left of it',
  )
  t.strictSame((await textsOf(anna, late))!, ['Late one.'])

  // Nothing of the thread reaches globex any more.
  const stop = net.wire.lose(
    (from, to, { target }) => [from, to].includes('acme.test') && target.includes(late),
  )
  await alice.ok('DELETE', `/api/spaces/${late}/groups/${group}`)
  t.match(await choose(alice, group, place), { status: 200, body: { epoch: 2 } })
  const offered = await offeredTo(net, bob, group)
  const early = await take(bob, group, offered)
  t.match(early, { status: 409, body: { type: 'urn:parley:problem:group-leant-on' } })
  stop()
  await net.clock.leap(60 * 60_000)
  await net.eventually('globex has the thread', async () => {
    return (await headOf(bob, late)).hash === (await headOf(alice, late)).hash
  })
  t.match(await take(bob, group, offered), { status: 200, body: { epoch: 2, taken: true } })
  await post(bob, group, 'And on.')
  await eventuallySees(net, alice, group, 'And on.')
})
