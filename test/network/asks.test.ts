import t from 'tap'
import {
  allow,
  decisionsOf,
  eventuallyInvited,
  eventuallyWaits,
  invitationsOf,
  invite,
  refusalOf,
  sentInto,
} from '../helpers/invitations.ts'
import { network } from '../helpers/network.ts'
import { eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'
import { threeCompanies } from '../helpers/three-companies.ts'

// Only the host of a space invites; who takes part from elsewhere asks it.

t.test('who takes part from elsewhere asks the host, for a colleague or a third company', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  const bea = await net.person('bea', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob, 'poster')
  const url = `/api/spaces/${thread}/invitations`
  t.equal(await refusalOf(bob, ['POST', url, { to: { address: bea.address } }]), 'no-right')
  const second = await startThread(alice, { title: 'Second' })
  await share(net, alice, second, bob, 'member')
  t.match(await invite(bob, second, { address: bea.address }), { status: 'asking' })
  const shown = await eventuallyInvited(net, bea, second)
  await bea.ok('POST', `/api/invitations/${shown.id}/accept`)
  await net.eventually('bea is in', async () => (await textsOf(bea, second)) !== undefined)

  await invite(bob, second, { address: carol.address }, { companies: ['initech.test'] })
  const forCarol = await eventuallyInvited(net, carol, second)
  t.strictSame(forCarol.roster, ['acme.test', 'globex.test'])
  await net.eventually('bob sees whom he has invited', async () =>
    (await sentInto(bob, second)).some(
      ({ status, invitee }) => status === 'open' && invitee === carol.address,
    ),
  )
  await carol.ok('POST', `/api/invitations/${forCarol.id}/accept`)
  await net.eventually('carol is in', async () => (await textsOf(carol, second)) !== undefined)
  await post(carol, second, 'Hello from initech.')
  await eventuallySees(net, bob, second, 'Hello from initech.')
  const entries = await alice.get<{
    entries: { type: string; content: { by?: string }; people: { name: string }[] }[]
  }>(`/api/spaces/${second}/entries`)
  const asked = entries.entries.filter(
    ({ type, content }) => type === 'member.invite' && content.by === bob.id,
  )
  t.equal(asked.length, 2, 'the log says who asked')
  t.match(asked[0]?.people, [{ name: 'bob' }])

  // By whoever asked for it, it can be taken back too.
  const dora = await net.person('dora', 'initech')
  await invite(bob, second, { address: dora.address })
  const forDora = await eventuallyInvited(net, dora, second)
  await net.eventually('bob knows its id', async () =>
    (await sentInto(bob, second)).some(({ id, status }) => id === forDora.id && status === 'open'),
  )
  await bob.ok('POST', `/api/spaces/${second}/invitations/${forDora.id}/revoke`)
  await net.eventually('dora has it no more', async () => (await invitationsOf(dora)).length === 0)
})

t.test("the host's policy decides about what others ask for, and the asker is told", async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  await allow(alice, { thirdCompanies: 'deny' })
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob, 'member')
  await invite(bob, thread, { address: carol.address }, { companies: ['initech.test'] })
  await net.eventually('bob is told', async () =>
    (await sentInto(bob, thread)).some(
      ({ status, code }) => status === 'refused' && code === 'policy-forbids',
    ),
  )
  t.strictSame(await invitationsOf(carol), [])
  const refused = (await decisionsOf(alice, 'invite')).filter(({ verdict }) => verdict === 'refused')
  t.match(refused, [{ rule: 'thirdCompanies=deny', actor: { id: bob.id } }])
})

t.test('whoever asked for an invitation hears what an administrator of the host has decided', async (t) => {
  const net = await network(['acme', 'globex'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  const bea = await net.person('bea', 'globex')
  await net.befriend('acme', 'globex')
  await allow(alice, { approveOutgoing: true })
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob, 'member')
  await invite(bob, thread, { address: bea.address })
  const statusOf = async (): Promise<string | undefined> => (await sentInto(bob, thread))[0]?.status
  await net.eventually('bob sees that it waits', async () => (await statusOf()) === 'approval')
  const { id } = await eventuallyWaits(net, alice, 'outgoing')
  t.strictSame(await invitationsOf(bea), [])
  await alice.ok('POST', `/api/approvals/${id}/refuse`)
  await net.eventually('bob is told', async () => (await statusOf()) === 'refused', 15 * 60_000)
  await invite(bob, thread, { address: bea.address })
  const again = await eventuallyWaits(net, alice, 'outgoing')
  await alice.ok('POST', `/api/approvals/${again.id}/approve`)
  await eventuallyInvited(net, bea, thread)
})
