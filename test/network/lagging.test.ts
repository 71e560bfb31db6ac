import t from 'tap'
import { buildEntry, type Head } from '#federation/chain.ts'
import type { Hash, SpaceId, UserId } from '#schema/ids.ts'
import type { LogPosition } from '#schema/wire/event.ts'
import { findSpace } from '#server/db/spaces.ts'
import { forgeEvent, push } from '../helpers/forge.ts'
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

// A thread leans on its group's log, which may come later than the thread's.

type World = { net: Network; alice: Person; anna: Person; bob: Person; group: SpaceId; thread: SpaceId }

async function aThreadOfAGroup(except: string[] = []): Promise<World> {
  const net = await network(['acme', 'globex'], { except: except as never })
  const alice = await net.person('alice', 'acme')
  const anna = await net.person('anna', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const group = (await startGroup(alice, { title: 'Team' })) as SpaceId
  await share(net, alice, group, bob)
  const thread = (await startThread(alice, { title: 'Launch', groups: [group] })) as SpaceId
  await post(alice, thread, 'Hello.')
  await eventuallySees(net, bob, thread, 'Hello.')
  return { net, alice, anna, bob, group, thread }
}

/** Nothing of the group's log reaches globex, while everything else does. */
async function holdBack({ net, group }: World): Promise<() => Promise<void>> {
  const { db } = net.node('acme').context
  const pushFrom = async (nextAttemptAt: number): Promise<void> => {
    await db.updateTable('cursor').set({ nextAttemptAt }).where('spaceId', '=', group).execute()
  }
  await pushFrom(net.clock.now + 60 * 60_000)
  const stop = net.wire.lose((_, to, { target }) => to === 'acme.test' && target.includes(group))
  return async () => {
    stop()
    await pushFrom(0)
  }
}

async function attestedAt({ net }: World): Promise<number> {
  return (await net.node('globex').context.db.selectFrom('attested').selectAll().execute()).length
}

async function alarmsOf({ net }: World): Promise<string[]> {
  const rows = await net.node('globex').context.db.selectFrom('securityEvent').select('kind').execute()
  return rows.map((row) => row.kind)
}

async function headOf({ net }: World, space: SpaceId, node = 'acme'): Promise<Head> {
  const { epoch, headSeq: seq, headHash: hash } = (await findSpace(net.node(node).context.db, space))!
  return { epoch, seq, hash }
}

t.test('what leans on a group that is behind waits for it, for half a minute at the most', async (t) => {
  const world = await aThreadOfAGroup()
  const { net, alice, anna, bob, group, thread } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const stop = await holdBack(world)
  await alice.ok('POST', `/api/spaces/${group}/members`, { handle: anna.handle })
  await post(anna, thread, 'I am new here.')
  const began = net.clock.now
  await net.clock.advance(20_000)
  t.strictSame(await textsOf(bob, thread), ['Hello.'], 'it waits')
  await eventuallySees(net, bob, thread, 'I am new here.')
  t.ok(net.clock.now - began < 60_000)
  t.ok((await attestedAt(world)) > 0, 'it stands on the word of the host')
  await stop()
  await net.eventually('it was looked at again', async () => (await attestedAt(world)) === 0, 10 * 60_000)
  t.strictSame(await textsOf(bob, thread), ['Hello.', 'I am new here.'])
  t.strictSame(await alarmsOf(world), [])
})

t.test('a group that comes in time is what its threads are checked by', async (t) => {
  const world = await aThreadOfAGroup()
  const { net, alice, anna, bob, group, thread } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const stop = await holdBack(world)
  await alice.ok('POST', `/api/spaces/${group}/members`, { handle: anna.handle })
  await post(anna, thread, 'I am new here.')
  await net.clock.advance(10_000)
  await stop()
  await eventuallySees(net, bob, thread, 'I am new here.')
  t.equal(await attestedAt(world), 0)
})

/** acme writes into the thread for anna, who never was in the group, at a place in the group that globex has not seen. */
async function forge(world: World, at: LogPosition): Promise<void> {
  const { net, anna, bob, thread } = world
  const acme = net.node('acme').context
  const event = forgeEvent(acme, { space: thread, sender: anna.id as UserId })
  const { epoch, seq, hash } = await headOf(world, thread)
  const entry = buildEntry({
    ...{ v: 1, space: thread, epoch, seq: seq + 1, prev: hash, event: event.hash },
    ...{ at: acme.clock.now(), kid: null, via: [at] },
  })
  await net.eventually('globex takes it', async () => {
    await push(acme, 'globex.test', thread, [{ entry, wire: event.wire }])
    await net.clock.advance(2_000)
    return (await textsOf(bob, thread))!.includes('Forged.')
  })
}

t.test('what the group does not bear out is taken back, and raises an alarm', async (t) => {
  const world = await aThreadOfAGroup(['I-06', 'I-16', 'I-20', 'I-03'])
  const { net, alice, bob, group, thread } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const stop = await holdBack(world)
  await net.person('adam', 'acme')
  await alice.ok('POST', `/api/spaces/${group}/members`, { handle: 'adam' })
  await forge(world, { space: group, ...(await headOf(world, group)) })
  await stop()
  await net.eventually('it was looked at again', async () => (await attestedAt(world)) === 0, 10 * 60_000)
  t.strictSame(await textsOf(bob, thread), ['Hello.'])
  t.equal((await entriesOf(bob, thread)).at(-1)!.standing, 'unverified')
  t.ok((await alarmsOf(world)).includes('unverified-event'))
})

t.test('a thread that leans on another history of its group stops both', async (t) => {
  const world = await aThreadOfAGroup(['I-06', 'I-16', 'I-20', 'I-03'])
  const { net, alice, group, thread } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const stop = await holdBack(world)
  await net.person('adam', 'acme')
  await alice.ok('POST', `/api/spaces/${group}/members`, { handle: 'adam' })
  await forge(world, { space: group, ...(await headOf(world, group)), hash: thread.slice(2) as Hash })
  await stop()
  await net.eventually('it was looked at again', async () => (await attestedAt(world)) === 0, 10 * 60_000)
  const { db } = net.node('globex').context
  t.equal((await findSpace(db, group))!.frozen, 'fork')
  t.equal((await findSpace(db, thread))!.frozen, 'fork')
})
