import t from 'tap'
import { listFences } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { recoverKeys } from '#server/peers/own-keys/recover.ts'
import { retireNode } from '#server/peers/own-keys/retire.ts'
import { idOf, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { actsAt } from '../helpers/removals.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { inviteTo, post, startThread, textsOf } from '../helpers/spaces.ts'
import { recoveryKeyOf } from '../helpers/stolen.ts'
import { whyOf } from '../helpers/why.ts'

// A company closes its node for good.

const day = 24 * 60 * 60_000

async function eventuallyRetired(net: Network, owner: Person, node: string): Promise<void> {
  await net.eventually(
    `${node} is known to have closed`,
    async () => (await stateOf(owner, node)) === 'retired',
  )
}

async function stateOf(owner: Person, node: string): Promise<string | undefined> {
  const { peers } = await owner.get<{ peers: { node: string; state: string }[] }>('/api/peers')
  return peers.find((peer) => peer.node === idOf(node))?.state
}

function requestsTo(net: Network, node: string): number {
  return net.wire.heardBy(idOf(node)).length
}

t.test(
  'HND-09: when a company closes, its people leave what others host, and nothing is sent to it any more',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, thread } = world
    const jti = await inviteTo(net, alice, await startThread(alice, { title: 'Second' }), bob)
    const acme = net.node('acme').context
    const retired = await retireNode(net.node('globex').context)
    t.match(retired, { ok: true, told: ['acme.test'] })
    t.match(await retireNode(net.node('globex').context), { ok: false, why: 'retired' })
    const again = { recoveryKey: recoveryKeyOf('globex'), since: 1 }
    t.match(await recoverKeys(net.node('globex').context, again), { ok: false, why: 'retired' })
    await eventuallyRetired(net, alice, 'globex')
    await net.clock.advance(90_000)
    const { members } = await alice.get<{ members: { person: { id: string } }[] }>(`/api/spaces/${thread}`)
    t.strictSame(
      members.map(({ person }) => person.id),
      [alice.id],
    )
    const nodes = await acme.db.selectFrom('spaceNode').selectAll().where('removeSeq', 'is', null).execute()
    t.strictSame(nodes, [], 'node.remove')
    const invite = await acme.db
      .selectFrom('invite')
      .select('status')
      .where('jti', '=', jti as never)
      .execute()
    t.match(invite, [{ status: 'revoked' }])
    const globex = net.node('globex').context
    t.match(await callPeer(globex, acme.node, { contract: listFences, query: { after: 0 } }), {
      refused: { code: 'peer-retired' },
    })
    t.match(await callPeer(acme, globex.node, { contract: listFences, query: { after: 0 } }), {
      failed: { reason: 'policy-hold', detail: 'peer-retired' },
    })
    const before = requestsTo(net, 'globex')
    await post(alice, thread, 'Nobody there.')
    await net.clock.leap(2 * day)
    await net.clock.advance(120_000)
    t.equal(requestsTo(net, 'globex'), before, 'no fence, no lease, no look')
    const { events } = await alice.get<{ events: { kind: string }[] }>('/api/security-events')
    t.strictSame(
      events.map(({ kind }) => kind),
      ['peer-retired'],
      'nor is anything missed of it',
    )
    t.match(await alice.ask('POST', '/api/peers/globex.test/approve'), {
      status: 403,
      body: { type: /peer-retired/ },
    })
  },
)

t.test(
  'HND-09: what a closed company hosted is an archive: read while its word lasts, then when an administrator says so',
  async (t) => {
    await using world = await sharedThread()
    const { net, bob, thread } = world
    const colleague = await net.person('bea', 'globex')
    t.match(await bob.ask('POST', '/api/peers/acme.test/open-archive'), {
      status: 409,
      body: { type: /not-retired/ },
    })
    await retireNode(net.node('acme').context)
    await eventuallyRetired(net, bob, 'acme')
    t.strictSame(await textsOf(bob, thread), ['Before.'])
    const { access } = await bob.get<{ access: string }>(`/api/spaces/${thread}`)
    t.equal(access, 'archive')
    const posted = await bob.ask('POST', `/api/spaces/${thread}/messages`, { text: 'Too late.' })
    t.match(posted, { status: 409, body: { type: /host-silent/ } })
    await net.clock.leap(8 * day)
    t.equal(await textsOf(bob, thread), undefined, 'its last word has run out')
    t.equal((await colleague.ask('POST', '/api/peers/acme.test/open-archive')).status, 403)
    const opened = await bob.ok<{ archivedAt: number }>('POST', '/api/peers/acme.test/open-archive')
    t.equal(opened.archivedAt, net.clock.now)
    t.strictSame(await textsOf(bob, thread), ['Before.'])
    t.match(await bob.ask('POST', `/api/spaces/${thread}/messages`, { text: 'Still.' }), { status: 409 })
    t.ok((await actsAt(net, 'globex')).includes('peer.openArchive'))
    t.strictSame(await textsOf(colleague, thread), undefined, 'to those who were in it')
  },
)

t.test(
  'HND-09: what is on its way to a company when it closes is given up, and its author is told',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, thread } = world
    const second = await startThread(alice, { title: 'Second' })
    const invitation = await inviteTo(net, alice, second, bob)
    net.wire.lose((from, to, { method }) => method === 'POST' && from === 'globex.test' && to === 'acme.test')
    await post(bob, thread, 'On its way.')
    await bob.ok('POST', `/api/invitations/${invitation}/accept`)
    await net.clock.advance(1_000)
    const { waiting } = await whyOf(bob, 'acme.test', 'peer')
    t.match(waiting, { submissions: [{ space: thread, count: 1 }], messages: [{ kind: 'invite-response' }] })

    await retireNode(net.node('acme').context)
    await eventuallyRetired(net, bob, 'acme')
    const { pending } = await bob.get<{ pending: object[] }>(`/api/spaces/${thread}/entries`)
    t.match(pending, [{ state: 'refused', code: 'peer-retired', content: { text: 'On its way.' } }])
    t.match((await whyOf(bob, 'acme.test', 'peer')).text, /Nothing waits for it\./)
  },
)

t.test('the recovery key alone can close a node; its own people read on, and share nothing', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  const { context } = net.node('acme')
  t.match(await retireNode(context, recoveryKeyOf('globex')), { ok: false, why: 'not-a-recovery-key' })
  const inside = await startThread(alice, { title: 'Inside' })
  t.match(await retireNode(context, recoveryKeyOf('acme')), { ok: true })
  t.strictSame(await textsOf(alice, thread), ['Before.'])
  t.match(await alice.ask('POST', `/api/spaces/${thread}/messages`, { text: 'Hm.' }), {
    status: 409,
    body: { type: /space-frozen/ },
  })
  await post(alice, inside, 'Among us.')
  await eventuallyRetired(net, bob, 'acme')
})
