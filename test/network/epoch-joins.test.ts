import t, { type Test } from 'tap'
import type { SpaceId } from '#schema/ids.ts'
import { branchesOf, choose, headOf, offeredTo, take } from '../helpers/branching.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { isGoneFor } from '../helpers/removals.ts'
import { entriesOf, eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'
import { kindsAt, tell } from '../helpers/two-faced.ts'

// Who comes into a space whose log has gone on in another epoch, with how much of it, and with what copy from before.

type Invariants = NonNullable<NonNullable<Parameters<typeof network>[1]>['except']>
type World = { net: Network; alice: Person; bob: Person; bea: Person; thread: SpaceId }

async function acmeAndGlobex(t: Test, except: Invariants = []): Promise<World> {
  const net = await network(['acme', 'globex'], { except })
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  const bea = await net.person('bea', 'globex')
  await net.befriend('acme', 'globex')
  const thread = (await startThread(alice, { title: 'Launch' })) as SpaceId
  await post(alice, thread, 'One.')
  await post(alice, thread, 'Two.')
  return { net, alice, bob, bea, thread }
}

async function begin(t: Test, alice: Person, thread: string, place?: { seq: number; hash: string }) {
  t.match(await choose(alice, thread, place ?? (await headOf(alice, thread))), { status: 200 })
}

t.test('JOI-02: a snapshot may lie in an epoch that is over, and the log goes on from there', async (t) => {
  for (const history of ['now', 'since:3', 'all']) {
    const { net, alice, bob, bea, thread } = await acmeAndGlobex(t)
    await begin(t, alice, thread)
    await post(alice, thread, 'Three.')
    await share(net, alice, thread, bob, { history })
    await post(alice, thread, 'Four.')
    await eventuallySees(net, bob, thread, 'Four.')
    const seen = {
      now: ['Four.'],
      'since:3': ['Two.', 'Three.', 'Four.'],
      all: ['One.', 'Two.', 'Three.', 'Four.'],
    }
    t.strictSame(await textsOf(bob, thread), seen[history as keyof typeof seen], history)
    await post(bob, thread, 'From globex.')
    await eventuallySees(net, alice, thread, 'From globex.')
    await share(net, alice, thread, bea, { history: 'all' })
    await eventuallySees(net, bea, thread, 'One.')
    const standings = (await entriesOf(bea, thread)).map(({ standing }) => standing)
    t.ok(standings.every((standing) => standing === 'verified'))
    t.strictSame(
      (await kindsAt(net, 'globex')).filter((kind) => !kind.startsWith('new-epoch')),
      [],
    )
  }
})

/** Has any of these texts come to globex, in whatever request or answer? */
function hasHeard(net: Network, ...texts: string[]): boolean {
  const heard = net.wire.sightings.flatMap(({ from, to, body, answer }) => [
    ...(to === 'globex.test' ? [body] : []),
    ...(from === 'globex.test' ? [answer] : []),
  ])
  return heard.some((words) => texts.some((text) => words.includes(text)))
}

// How much the host gives of what came meanwhile: from behind our head on, nothing, or from before the cut.
for (const [between, history] of [
  [1, 'now'],
  [6, 'now'],
  [1, 'since:3'],
] as const)
  t.test(
    `EQV-07: a copy from behind the fork begins anew and is kept aside (${between}, ${history})`,
    async (t) => {
      const { net, alice, bob, thread } = await acmeAndGlobex(t)
      const place = await headOf(alice, thread)
      await post(alice, thread, 'Cut off.')
      await share(net, alice, thread, bob, { history: 'now' })
      await post(alice, thread, 'Seen by bob, and cut off.')
      await eventuallySees(net, bob, thread, 'Seen by bob, and cut off.')
      await begin(t, alice, thread, place)
      await net.eventually('bob is out with his membership', async () => await isGoneFor(bob, thread))
      for (let n = 0; n < between; n++) await post(alice, thread, 'Between.')
      await share(net, alice, thread, bob, { history })
      await post(alice, thread, 'Welcome back.')
      await eventuallySees(net, bob, thread, 'Welcome back.')
      if (history === 'now') {
        t.strictSame(await textsOf(bob, thread), ['Welcome back.'])
        t.notOk(hasHeard(net, 'Between.'), 'between the epochs nobody of globex belonged')
      } else t.strictSame(await textsOf(bob, thread), ['Two.', 'Between.', 'Welcome back.'])
      t.match(await branchesOf(bob, thread), {
        head: { epoch: 2 },
        frozen: null,
        aside: [{ epoch: 1, last: 8 }],
      })
    },
  )

for (const [between, history, isPushed] of [
  [0, 'now', true],
  [12, 'now', true],
  [0, 'since:3', true],
  [12, 'now', false],
  [0, 'since:3', false],
] as const)
  t.test(
    `EQV-07: a frozen copy from behind the fork is offered the epoch, and begins anew (${between}, ${history}, ${isPushed})`,
    async (t) => {
      // What acme pushes to globex is not in its own log.
      const world = await acmeAndGlobex(t, ['I-06', 'I-16'])
      const { net, alice, bob, thread: space } = world
      const place = await headOf(alice, space)
      await share(net, alice, space, bob, { history: 'now' })
      const { head } = await branchesOf(alice, space)
      await tell({ ...world, carol: bob, space, head }, 'globex', { after: head, text: 'Another word.' })
      await post(alice, space, 'One word.')
      const isStopped = async (): Promise<boolean> => (await branchesOf(bob, space)).frozen !== null
      await net.eventually('globex has stopped', isStopped)
      await begin(t, alice, space, place)
      for (let n = 0; n < between; n++) await post(alice, space, 'Between.')
      const { id } = await alice.ok<{ id: string }>('POST', `/api/spaces/${space}/invitations`, {
        to: { address: bob.address },
        role: 'poster',
        history,
        companies: ['globex.test'],
      })
      const isThere = async (): Promise<boolean> =>
        (await bob.ask('POST', `/api/invitations/${id}/accept`)).status < 300
      await net.eventually('bob accepts', isThere)
      const stop = net.wire.lose((from, _, { method, target }) => {
        return !isPushed && from === 'acme.test' && method === 'POST' && target.includes('/entries')
      })
      await net.clock.leap(60 * 60_000)
      const offered = await offeredTo(net, bob, space)
      stop()
      t.equal(offered.epoch, 2)
      t.match(await take(bob, space, { epoch: offered.epoch + 1, hash: offered.hash }), { status: 409 })
      const both = await Promise.all([take(bob, space, offered), take(bob, space, offered)])
      t.match(both, [{ status: 200 }, { status: 200 }])
      t.match(
        await take(bob, space, offered),
        { status: 200, body: { epoch: 2, taken: true } },
        'asked again',
      )
      await post(alice, space, 'And on.')
      await eventuallySees(net, bob, space, 'And on.')
      t.strictSame(await textsOf(bob, space), history === 'now' ? ['And on.'] : ['Two.', 'And on.'])
      t.match((await branchesOf(bob, space)).aside, [{ epoch: 1 }])
      await post(bob, space, 'From globex.')
      await eventuallySees(net, alice, space, 'From globex.')
    },
  )
