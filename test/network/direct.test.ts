import t, { type Test } from 'tap'
import { eventuallyInvited, invitationsOf, refusalOf } from '../helpers/invitations.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'

type World = { net: Network; alice: Person; anna: Person; bob: Person; bea: Person }

/** Alice and Bob share a thread; Anna and Bea share nothing with the other company. */
async function world(t: Test): Promise<World> {
  const net = await network(['acme', 'globex'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const anna = await net.person('anna', 'acme')
  const bob = await net.person('bob', 'globex')
  const bea = await net.person('bea', 'globex')
  await net.befriend('acme', 'globex')
  await share(net, alice, await startThread(alice, { title: 'Launch' }), bob)
  return { net, alice, anna, bob, bea }
}

async function beginDm(person: Person, people: object[], companies: string[] = []): Promise<string> {
  return (await person.ok<{ id: string }>('POST', '/api/dms', { people, companies })).id
}

async function contactsOf(person: Person, query = ''): Promise<string[]> {
  const { contacts } = await person.get<{ contacts: { person: { name: string } }[] }>(
    `/api/contacts?query=${query}`,
  )
  return contacts.map((contact) => contact.person.name)
}

t.test('colleagues and contacts are found by name, and nobody else', async (t) => {
  const { alice, anna, bob, bea } = await world(t)
  t.strictSame(await contactsOf(alice), ['anna', 'bob'])
  t.strictSame(await contactsOf(alice, 'BO'), ['bob'])
  t.strictSame(await contactsOf(alice, '%25'), [], 'a query is a text and no pattern')
  t.strictSame(await contactsOf(anna), ['alice'], 'not whom only others know')
  t.strictSame(await contactsOf(bea), ['bob'])
  t.strictSame(await contactsOf(bob), ['alice', 'bea'])
  t.equal(await refusalOf(anna, ['PUT', `/api/contacts/${bob.id}`]), 'not-found')
  t.match(await alice.ok('PUT', `/api/contacts/${bob.id}`), { isPinned: true, person: { external: true } })
  await alice.ok('DELETE', `/api/contacts/${bob.id}`)
  t.strictSame(await contactsOf(alice), ['anna', 'bob'], 'who shares a space stays one')
})

t.test('a direct conversation with a contact of another company opens at once', async (t) => {
  const { net, alice, anna, bob } = await world(t)
  t.equal(
    await refusalOf(alice, ['POST', '/api/dms', { people: [{ user: bob.id }] }]),
    'companies-changed',
    'she has to see who comes',
  )
  const dm = await beginDm(alice, [{ user: bob.id }], ['globex.test'])
  await net.eventually('bob is in', async () => (await textsOf(bob, dm)) !== undefined)
  await post(bob, dm, 'Hello.')
  await eventuallySees(net, alice, dm, 'Hello.')
  t.equal(await beginDm(alice, [{ user: bob.id }]), dm, 'the same persons have one')
  t.equal(await beginDm(bob, [{ user: alice.id }]), dm, 'from either side')
  const three = await beginDm(alice, [{ handle: 'anna' }, { user: bob.id }], ['globex.test'])
  t.not(three, dm)
  await net.eventually('bob is in that too', async () => (await textsOf(bob, three)) !== undefined)
  t.strictSame(await textsOf(anna, three), [])
  t.equal(
    await refusalOf(alice, ['POST', `/api/spaces/${dm}/members`, { handle: 'anna' }]),
    'wrong-kind',
    'a dm is for those it was begun for',
  )
})

t.test('a stranger is asked first, or not even that', async (t) => {
  const { net, alice, anna, bob, bea } = await world(t)
  const dm = await beginDm(anna, [{ address: bea.address }], ['globex.test'])
  await eventuallyInvited(net, bea, dm)
  await net.clock.advance(60_000)
  t.equal(await textsOf(bea, dm), undefined, 'she has not said yes')

  await bob.ok('PUT', '/api/me/invitation-settings', { from: 'contacts', confirmDirect: true })
  await beginDm(anna, [{ address: bob.address }], ['globex.test'])
  const asked = await beginDm(alice, [{ user: bob.id }], ['globex.test'])
  await eventuallyInvited(net, bob, asked)
  await net.clock.advance(60_000)
  t.equal((await invitationsOf(bob)).length, 1, 'of somebody who is no contact he hears nothing')
  t.equal(await textsOf(bob, asked), undefined, 'and he is asked, as he wishes')
})

t.test(
  'two who write to each other at once end in one conversation, with all that was written',
  async (t) => {
    const { net, alice, bob } = await world(t)
    net.cut('acme', 'globex')
    const hers = await beginDm(alice, [{ user: bob.id }], ['globex.test'])
    const his = await beginDm(bob, [{ user: alice.id }], ['acme.test'])
    await post(alice, hers, 'Are you there?')
    await post(bob, his, 'I was about to write.')
    net.heal('acme', 'globex')
    await eventuallySees(net, bob, hers, 'Are you there?')
    await eventuallySees(net, alice, hers, 'I was about to write.')
    await net.eventually('the other one is gone', async () => (await textsOf(bob, his)) === undefined)
    t.equal(await textsOf(alice, his), undefined)
  },
)
