import t from 'tap'
import { signFence } from '#federation/fence.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { sendFence } from '#schema/wire/endpoints.ts'
import type { Fence } from '#schema/wire/fence.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { listFencesFor, receiveFence } from '#server/peers/removal/fences.ts'
import { receiveLease, serveLease } from '#server/peers/removal/leases.ts'
import { idOf, network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, inviteTo, post, share, startThread, textsOf } from '../helpers/spaces.ts'

const hour = 60 * 60_000
const day = 24 * hour

async function accessOf(person: Person): Promise<string[]> {
  const { hosts } = await person.get<{ hosts: { node: string; access: string }[] }>('/api/hosts')
  return hosts.map(({ node, access }) => `${node} ${access}`)
}

/** A request from globex ends the pause in which acme leaves it alone, and the other way round. */
function wakeBoth(net: Network): void {
  net.hear('acme', 'globex')
  net.hear('globex', 'acme')
}

/** Sessions end by themselves after a month; these go on. */
async function staySignedIn(net: Network): Promise<void> {
  const { db, clock } = net.node('globex').context
  await db
    .updateTable('session')
    .set({ expiresAt: clock.now() + 90 * day })
    .execute()
}

t.test(
  'FNC-10: without its control lane a node stops reading when the lease ends, and goes on after it',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, thread } = world
    const mend = net.wire.lose((_from, _to, { target }) => /\/v1\/(?:lease|fences)/.test(target))
    await net.clock.leap(9 * hour)
    await post(alice, thread, 'The log still comes.')
    await eventuallySees(net, bob, thread, 'The log still comes.')
    t.strictSame(await accessOf(bob), ['acme.test open'])
    await net.clock.leap(16 * hour)
    t.equal(await textsOf(bob, thread), undefined, 'the lease has run out')
    t.strictSame(await accessOf(bob), ['acme.test locked'], 'which is what the banner says')
    t.strictSame((await bob.get<{ spaces: unknown[] }>('/api/spaces')).spaces, [])
    mend()
    wakeBoth(net)
    await net.eventually('bob reads again', async () => (await textsOf(bob, thread)) !== undefined, 2 * hour)
    t.strictSame(await accessOf(bob), ['acme.test open'])
  },
)

t.test(
  'FNC-52: while the host is down it is read on for some days, read-only, and then locked',
  async (t) => {
    await using world = await sharedThread()
    const { net, bob, thread } = world
    net.cut('acme', 'globex')
    await net.clock.leap(2 * day)
    t.strictSame(await textsOf(bob, thread), ['Before.'])
    t.strictSame(await accessOf(bob), ['acme.test outage'])
    t.match(await bob.get(`/api/spaces/${thread}`), { access: 'outage' })
    const posted = await bob.ask('POST', `/api/spaces/${thread}/messages`, { text: 'Into the void.' })
    t.match(posted, { status: 409, body: { type: /host-silent/ } })
    await net.clock.leap(6 * day)
    t.equal(await textsOf(bob, thread), undefined)
    t.strictSame(await accessOf(bob), ['acme.test locked'])
  },
)

t.test('FNC-52: a host that answers without a new lease is not down', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  net.cut('acme', 'globex')
  await net.clock.leap(20 * hour)
  net.wire.lose((_from, _to, { target }) => /\/v1\/(?:lease|fences)/.test(target))
  net.heal('acme', 'globex')
  await post(alice, thread, 'One exchange.')
  wakeBoth(net)
  await eventuallySees(net, bob, thread, 'One exchange.')
  net.cut('acme', 'globex')
  await net.clock.leap(5 * hour)
  t.equal(await textsOf(bob, thread), undefined)
})

t.test(
  'FNC-16: a host that is silent for a month leaves an archive to those who were in it last',
  async (t) => {
    await using world = await sharedThread()
    const { net, bob, thread } = world
    net.cut('acme', 'globex')
    await net.clock.leap(29 * day)
    await staySignedIn(net)
    t.equal(await textsOf(bob, thread), undefined)
    await net.clock.leap(2 * day)
    t.strictSame(await textsOf(bob, thread), ['Before.'])
    t.strictSame(await accessOf(bob), ['acme.test archive'])
    const posted = await bob.ask('POST', `/api/spaces/${thread}/messages`, { text: 'Into the void.' })
    t.match(posted, { status: 409, body: { type: /host-silent/ } })
  },
)

t.test(
  'CLK-03: a clock a day ahead locks, deletes nothing, and is forgotten when it is right again',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, thread } = world
    net.skew('globex', 25 * hour)
    const isLocked = async (): Promise<boolean> => (await textsOf(bob, thread)) === undefined
    await net.eventually('bob is locked out', isLocked, hour)
    const { db } = net.node('globex').context
    t.equal((await db.selectFrom('content').select('seq').execute()).length > 0, true)
    t.strictSame(await db.selectFrom('tombstone').select('spaceId').execute(), [])
    net.skew('globex', 0)
    t.strictSame(await textsOf(bob, thread), ['Before.'])
    await post(alice, thread, 'After.')
    wakeBoth(net)
    await eventuallySees(net, bob, thread, 'After.')
  },
)

t.test('a lease that names a fence on its way shuts nobody out meanwhile', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  const [bea, other] = [await net.person('bea', 'globex'), await startThread(alice, { title: 'Other' })]
  await share(net, alice, thread, bea)
  const invitation = await inviteTo(net, alice, other, bea)
  const orders = (method: string): void => {
    const [ms, isSuch] = [method === 'POST' ? 20_000 : 2_000, /\/v1\/fences\b/]
    net.wire.delay(
      (_from, _to, request) => request.method === method && isSuch.test(request.target),
      () => ms,
    )
  }
  // They are late when they are pushed, and take a while when they are asked for.
  orders('POST')
  orders('GET')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bea.id}`)
  // The answer to a join carries a lease, and that names the fence.
  await bea.ok('POST', `/api/invitations/${invitation}/accept`)
  await net.eventually('bea is in the other thread', async () => {
    t.strictSame(await textsOf(bob, thread), ['Before.'])
    return (await textsOf(bea, other)) !== undefined
  })
  t.equal(await textsOf(bea, thread), undefined, 'the fence was asked for')
})

t.test('a node that is given strict leases stops within a quarter of an hour', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  await net.clock.advance(5_000)
  await alice.ok('PUT', '/api/peers/globex.test/policy', { lease: 'strict' })
  await net.eventually('globex has a strict lease', async () => {
    const { db } = net.node('globex').context
    const [lease] = await db
      .selectFrom('lease')
      .selectAll()
      .where('node', '=', 'globex.test' as NodeId)
      .execute()
    return lease !== undefined && lease.untilAt - lease.iat === 15 * 60_000
  })
  net.cut('acme', 'globex')
  await net.clock.leap(14 * 60_000)
  t.strictSame(await textsOf(bob, thread), ['Before.'])
  await net.clock.leap(2 * 60_000)
  t.equal(await textsOf(bob, thread), undefined, 'and there is no outage to be had')
})

t.test(
  'FNC-04: fences may come twice and in any order, and a lease counts when none is missing',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, thread } = world
    const [bea, ben] = [await net.person('bea', 'globex'), await net.person('ben', 'globex')]
    await share(net, alice, thread, bea)
    await share(net, alice, thread, ben)
    const mendPost = net.wire.lose(
      (_f, _t, { method, target }) => method === 'POST' && target.endsWith('/v1/fences'),
    )
    const mendGet = net.wire.lose(
      (_f, _t, { method, target }) => method === 'GET' && target.includes('/v1/fences'),
    )
    const globex = net.node('globex').context
    const acme = net.node('acme').context
    await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
    await alice.ok('DELETE', `/api/spaces/${thread}/members/${ben.id}`)
    const { fences } = await listFencesFor(acme, 'globex.test' as NodeId, 0)
    t.equal(fences.length, 2)
    const host = 'acme.test' as NodeId
    const first = await receiveFence(globex, host, fences[1]!)
    t.equal(await textsOf(ben, thread), undefined)
    t.strictSame(await receiveFence(globex, host, fences[1]!), first, 'the same again is answered alike')
    t.ok(await textsOf(bea, thread), 'their lease names no fence yet')
    // The next lease names both fences, of which one is not here.
    const { lease } = await serveLease(acme, 'globex.test' as NodeId)
    await net.clock.during(receiveLease(globex, host, lease).then(() => undefined))
    t.equal(await textsOf(bea, thread), undefined, 'while one is missing nothing of that host is read')
    mendGet()
    wakeBoth(net)
    await net.eventually('bea reads again', async () => (await textsOf(bea, thread)) !== undefined, 2 * hour)
    t.equal(await textsOf(bob, thread), undefined)
    t.equal(await textsOf(ben, thread), undefined)
    mendPost()
    wakeBoth(net)
    const isDone = async (): Promise<boolean> =>
      (await acme.db.selectFrom('fence').select('n').where('ackedAt', 'is', null).execute()).length === 0
    await net.eventually('acme has every receipt', isDone, 2 * hour)
  },
)

t.test(
  'FNC-13, X8: only the host of a space orders a node, about its own users, under one number',
  async (t) => {
    const net = await network(['acme', 'globex', 'initech'], { except: ['I-17'] })
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const alice = await net.person('alice', 'acme')
    const [bob, bea] = [await net.person('bob', 'globex'), await net.person('bea', 'globex')]
    await net.person('ivy', 'initech')
    await net.befriend('acme', 'globex')
    await net.befriend('initech', 'globex')
    const thread = await startThread(alice, { title: 'Launch' })
    await share(net, alice, thread, bob)
    await share(net, alice, thread, bea)
    const order = async (from: string, changes: Partial<Fence>, signer = from): Promise<string> => {
      const { context } = net.node(from)
      const fence: Fence = {
        v: 1,
        iss: idOf(from) as NodeId,
        aud: 'globex.test' as NodeId,
        n: 1,
        space: thread as SpaceId,
        subject: bob.id as UserId,
        from_seq: 1_000,
        epoch: 1,
        action: 'deny',
        at: context.clock.now(),
        ...changes,
      }
      const body = { fence: signFence(fence, net.node(signer).context.keys.signer) }
      const answer = await callPeer(context, 'globex.test' as NodeId, { contract: sendFence, body })
      if (answer.ok) return 'carried out'
      return 'refused' in answer ? answer.refused.code : answer.failed.detail
    }
    t.equal(await order('initech', {}), 'not-host')
    t.equal(await order('initech', { iss: 'acme.test' as NodeId }), 'signature-invalid')
    t.equal(await order('acme', {}, 'initech'), 'key-unknown')
    t.equal(await order('acme', { aud: 'initech.test' as NodeId }), 'wrong-destination')
    t.equal(await order('acme', { subject: alice.id as UserId }), 'schema')
    t.ok(await textsOf(bob, thread), 'nothing of it has closed anything')
    const { db } = net.node('globex').context
    const alarms = await db.selectFrom('securityEvent').select(['kind', 'peer']).execute()
    t.strictSame(alarms, [{ kind: 'foreign-fence', peer: 'initech.test' }])

    t.equal(await order('acme', {}), 'carried out')
    t.equal(await textsOf(bob, thread), undefined)
    t.equal(await order('acme', { subject: bea.id as UserId }), 'fence-conflict')
    t.equal(await textsOf(bea, thread), undefined, 'another order under a known number is carried out too')
    t.equal(
      await order('acme', { subject: bea.id as UserId }),
      'fence-conflict',
      'and is no repeat of the first',
    )
  },
)
