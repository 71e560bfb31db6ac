import t from 'tap'
import {
  allow,
  approvalsOf,
  decisionsOf,
  eventuallyInvited,
  eventuallyWaits,
  invitationsOf,
  invite,
  refusalOf,
  sentInto,
} from '../helpers/invitations.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { eventuallySees, post, startThread, textsOf } from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

const globex = ['globex.test']
const day = 24 * 60 * 60 * 1000

/** Nobody is there for some days, which is how days go by in no time. */
async function sleepFor(net: Network, days: number): Promise<void> {
  for (const node of ['acme', 'globex']) await net.crash(node)
  await net.clock.advance(days * day)
  for (const node of ['acme', 'globex']) await net.restart(node)
}

async function expiryOf(person: Person): Promise<number> {
  return (await invitationsOf(person))[0]?.expiresAt ?? 0
}

t.test('a company comes in only by somebody who has seen that it does', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  const url = `/api/spaces/${thread}/invitations`
  const unseen = await alice.ask('POST', url, { to: { address: bob.address } })
  t.equal(unseen.status, 409)
  t.match(unseen.body, { type: 'urn:parley:problem:companies-changed', companies: globex })
  const preview = { space: thread, people: [{ address: bob.address }] }
  t.match(await alice.ok('POST', '/api/companies/preview', preview), {
    now: ['acme.test'],
    coming: globex,
    verdict: 'allowed',
    warnings: [],
  })
  t.match(await invite(alice, thread, { address: bob.address }, { companies: globex }), {
    status: 'open',
    invitee: '@bob:globex.test',
  })
})

t.test('INV-08: what is taken back cannot be accepted, and both sides say so', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  const { id } = await invite(alice, thread, { address: bob.address }, { companies: globex })
  await eventuallyInvited(net, bob, thread)
  // Both at once, and neither hears of the other in time: the host's log has the revocation first.
  net.cut('acme', 'globex')
  await alice.ok('POST', `/api/spaces/${thread}/invitations/${id}/revoke`)
  await bob.ok('POST', `/api/invitations/${id}/accept`)
  net.heal('acme', 'globex')
  await net.eventually(
    'bob has no invitation',
    async () => (await invitationsOf(bob)).length === 0,
    10 * 60_000,
  )
  t.equal(await textsOf(bob, thread), undefined)
  t.strictSame(await sentInto(alice, thread), [])
  t.equal(await refusalOf(bob, ['POST', `/api/invitations/${id}/accept`]), 'invite-revoked')
  const revoke = `/api/spaces/${thread}/invitations/${id}/revoke`
  t.equal(await refusalOf(alice, ['POST', revoke]), 'invite-used')
})

t.test('INV-08: an invitation ends after fourteen days, unless it is sent again', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  const { id } = await invite(alice, thread, { address: bob.address }, { companies: globex })
  await eventuallyInvited(net, bob, thread)
  await sleepFor(net, 10)
  await alice.ok('POST', `/api/spaces/${thread}/invitations/${id}/resend`)
  await net.eventually('it has been sent', async () => (await expiryOf(bob)) > net.clock.now + 10 * day)
  await sleepFor(net, 5)
  t.equal((await invitationsOf(bob)).length, 1, 'it was sent again')
  await sleepFor(net, 10)
  t.strictSame(await invitationsOf(bob), [])
  await net.eventually('alice has nobody invited', async () => (await sentInto(alice, thread)).length === 0)
  t.equal(await refusalOf(bob, ['POST', `/api/invitations/${id}/accept`]), 'invite-expired')
})

t.test('INV-09: what comes from a stranger waits on both sides for an administrator', async (t) => {
  const net = await network(['acme', 'globex'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const gwen = await net.person('gwen', 'globex')
  const bob = await net.person('bob', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  await post(alice, thread, 'Before anybody came.')
  const { id, status } = await invite(alice, thread, { address: bob.address }, { companies: globex })
  t.equal(status, 'approval', 'nobody here has approved globex')
  await net.clock.advance(60_000)
  t.strictSame(net.wire.heardBy('globex.test'), [], 'and nothing leaves')
  const outgoing = await eventuallyWaits(net, alice, 'outgoing')
  t.match(outgoing, { id, isNewPartner: true, rule: 'inbound=approval', node: 'globex.test' })
  await alice.ok('POST', `/api/approvals/${id}/approve`)

  const incoming = await eventuallyWaits(net, gwen, 'incoming')
  t.match(incoming, { id, isNewPartner: true, node: 'acme.test', roster: ['acme.test'] })
  t.strictSame(await invitationsOf(bob), [], 'he does not know yet')
  t.equal(await refusalOf(bob, ['POST', `/api/invitations/${id}/accept`]), 'not-found')
  await gwen.ok('POST', `/api/approvals/${id}/approve`)
  await eventuallyInvited(net, bob, thread)
  await bob.ok('POST', `/api/invitations/${id}/accept`)
  await eventuallySees(net, bob, thread, 'Before anybody came.')
  t.strictSame(await approvalsOf(gwen), [])
})

t.test('an administrator who refuses says nothing to the other side', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await bob.ok('PUT', '/api/peers/acme.test/policy', { approveIncoming: true })
  const thread = await startThread(alice, { title: 'Launch' })
  await invite(alice, thread, { address: bob.address }, { companies: globex })
  const { id, rule } = await eventuallyWaits(net, bob, 'incoming')
  t.equal(rule, 'approveIncoming=yes')
  const before = net.wire.heardBy('acme.test').length
  await bob.ok('POST', `/api/approvals/${id}/refuse`)
  await net.clock.advance(60_000)
  const heard = net.wire.heardBy('acme.test').slice(before)
  t.notOk(heard.some(({ target }) => target.includes('/v1/invites')))
  t.match(await sentInto(alice, thread), [{ id, status: 'open' }])
})

t.test(
  'INV-10, OPS-06: who may not share is refused here, and who shares first is written down',
  async (t) => {
    const { net, alice, bob } = await twoCompanies()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const anna = await net.person('anna', 'acme')
    await allow(alice, { inviteExternals: 'admins' })
    const thread = await startThread(anna, { title: 'Launch', people: [alice] })
    const url = `/api/spaces/${thread}/invitations`
    const wish = { to: { address: bob.address }, companies: globex }
    t.equal(await refusalOf(anna, ['POST', url, wish]), 'policy-forbids')
    await net.clock.advance(60_000)
    t.strictSame(await invitationsOf(bob), [])
    const { db } = net.node('acme').context
    const audit = await db.selectFrom('audit').selectAll().where('act', '=', 'invite.refused').execute()
    t.match(audit, [{ actor: anna.id, subject: thread }])

    await alice.ok('POST', url, wish)
    const [shared, refused] = await decisionsOf(alice, 'invite')
    t.match(refused, { verdict: 'refused', rule: 'inviteExternals=admins', actor: { id: anna.id } })
    t.match(shared, {
      verdict: 'allowed',
      actor: { id: alice.id },
      peer: 'globex.test',
      spaceId: thread,
      facts: { isFirst: true, role: 'poster', history: 'all', node: 'globex.test' },
    })
  },
)
