import t from 'tap'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { getPeer, updatePinned } from '#server/db/peers.ts'
import type { Person } from '../helpers/person.ts'
import { eventuallySees, post, share, startThread } from '../helpers/spaces.ts'
import { type ThreeCompanies, threeCompanies } from '../helpers/three-companies.ts'

const hour = 60 * 60_000

type World = ThreeCompanies & { readonly thread: SpaceId }

async function world(): Promise<World> {
  const companies = await threeCompanies()
  const thread = (await startThread(companies.alice, { title: 'Launch' })) as SpaceId
  return { ...companies, thread }
}

type Peers = { introduced: unknown[]; peers: { node: string }[] }

async function alarmsOf(person: Person): Promise<unknown[]> {
  return (
    await person.get<{ events: { kind: string; peer: string; detail: string }[] }>('/api/security-events')
  ).events
}

t.test(
  'KEY-17: a company that a host brought in is known by its word only until its own documents are here',
  async (t) => {
    await using shared = await world()
    const { net, alice, bob, carol, thread } = shared
    await share(net, alice, thread, carol)
    net.cut('globex', 'initech')
    await share(net, alice, thread, bob, { history: 'now' })
    const before = await bob.get<Peers>('/api/peers')
    t.strictSame(before.introduced, [{ node: 'initech.test', by: 'acme.test' }])
    net.heal('globex', 'initech')
    await post(carol, thread, 'Hello.')
    await eventuallySees(net, bob, thread, 'Hello.')
    const after = await bob.get<Peers>('/api/peers')
    t.strictSame(after.introduced, [], 'the mark is gone')
    t.ok(after.peers.some(({ node }) => node === 'initech.test'))
    await net.clock.leap(hour)
    await net.clock.advance(5_000)
    t.strictSame(await alarmsOf(bob), [])
  },
)

t.test('KEY-17: other keys than those that a host has named are an alarm', async (t) => {
  await using shared = await world()
  const { net, alice, bob, carol, thread } = shared
  await share(net, alice, thread, bob)
  const { db } = net.node('acme').context
  const initech = 'initech.test' as NodeId
  const { opHash } = await getPeer(db, initech)
  const name = async (hash: Hash) =>
    await db.transaction().execute(async (tx) => await updatePinned(tx, initech, { opHash: hash }))
  // What acme has seen of initech is what somebody between them has shown.
  await name('A'.repeat(43) as Hash)
  await share(net, alice, thread, carol)
  await name(opHash)
  await post(carol, thread, 'Hello.')
  await eventuallySees(net, bob, thread, 'Hello.')
  t.strictSame(await alarmsOf(bob), [])
  await net.clock.leap(hour)
  await net.clock.advance(5_000)
  const detail = 'acme.test has named it by keys that are not in its own history'
  t.match(await alarmsOf(bob), [{ kind: 'introduction-differs', peer: 'initech.test', detail }])
  await net.clock.leap(2 * hour)
  await net.clock.advance(5_000)
  t.equal((await alarmsOf(bob)).length, 1, 'once a day')
})
