import t, { type Test } from 'tap'
import { type Mailbox, openMailbox } from '../helpers/mailbox.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Answer, Person } from '../helpers/person.ts'
import { eventuallySees, post, startGroup, textsOf } from '../helpers/spaces.ts'

// Invitations by e-mail between companies: to the node that speaks for the mail domain, or by a letter that a workspace
// of one's own takes up.

type World = {
  readonly net: Network
  readonly mailbox: Mailbox
  readonly alice: Person
  readonly bob: Person
}
type Sent = { readonly id: string; readonly node: string | null; readonly link: string | null }
const bobs = 'bob@globex.test'

/** acme sends mail; globex claims its mail domain, and bob has an address of it. */
async function world(t: Test, { domains = ['globex.test'] } = {}): Promise<World> {
  const mailbox = await openMailbox()
  const net = await network(['acme', 'globex'], {
    settings: { acme: { mail: mailbox.settings }, globex: { emailDomains: domains as never } },
  })
  t.teardown(async () => {
    await net[Symbol.asyncDispose]()
    await mailbox[Symbol.asyncDispose]()
  })
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const { challenge } = await bob.ok<{ challenge: string }>('POST', '/api/me/email', { email: bobs })
  const { db } = net.node('globex').context
  const { text } = await db.selectFrom('mail').select('text').executeTakeFirstOrThrow()
  const code = /^ *(\d{6})$/m.exec(text)?.[1]
  await bob.ok('POST', '/api/me/email/confirm', { challenge, code })
  return { net, mailbox, alice, bob }
}

async function invite(
  alice: Person,
  space: string,
  email: string,
  companies: string[] = [],
): Promise<Answer> {
  return await alice.ask('POST', `/api/spaces/${space}/invitations`, {
    to: { email },
    companies,
    history: 'all',
  })
}

async function accepts(net: Network, person: Person, space: string): Promise<void> {
  let id = ''
  await net.eventually(`${person.handle} is invited`, async () => {
    const { invitations } = await person.get<{ invitations: { id: string; space: string }[] }>(
      '/api/invitations',
    )
    id = invitations.find((one) => one.space === space)?.id ?? ''
    return id !== ''
  })
  await person.ok('POST', `/api/invitations/${id}/accept`)
  await net.eventually(`${person.handle} is in`, async () => (await textsOf(person, space)) !== undefined)
}

async function mailedToken(net: Network, mailbox: Mailbox, email: string): Promise<string> {
  await net.eventually('the letter has come', async () => mailbox.to(email).length > 0)
  return mailbox.to(email).at(-1)!.token
}

async function guestsOf(net: Network): Promise<number> {
  const { db } = net.node('acme').context
  return (await db.selectFrom('account').select('userId').where('role', '=', 'guest').execute()).length
}

t.test(
  'an address whose domain has a node is invited there, with no letter, and the company is confirmed first',
  async (t) => {
    const { net, mailbox, alice, bob } = await world(t)
    const group = await startGroup(alice, { title: 'Launch' })
    await post(alice, group, 'Before you came.')
    t.match(await invite(alice, group, bobs), {
      status: 409,
      body: { type: 'urn:parley:problem:companies-changed' },
    })
    t.match(await invite(alice, group, bobs, ['globex.test']), {
      status: 201,
      body: { node: 'globex.test', link: null },
    })
    await accepts(net, bob, group)
    await eventuallySees(net, bob, group, 'Before you came.')
    t.equal(mailbox.mails.length, 0)
    const heard = net.wire.sightings.filter(({ body }) => body.includes(bobs))
    t.same(new Set(heard.map(({ to }) => to)), new Set(), 'the address travels inside the signed letter only')
  },
)

t.test(
  'an address that nobody there has shown to be theirs is answered alike, and reaches nobody',
  async (t) => {
    const { net, alice, bob } = await world(t)
    const group = await startGroup(alice, { title: 'Launch' })
    const known = await invite(alice, group, bobs, ['globex.test'])
    const unknown = await invite(alice, group, 'nobody@globex.test', ['globex.test'])
    t.equal(unknown.status, known.status)
    t.same(Object.keys(unknown.body), Object.keys(known.body))
    await net.clock.advance(10_000)
    const { invitations } = await bob.get<{ invitations: unknown[] }>('/api/invitations')
    t.equal(invitations.length, 1)
  },
)

t.test('a domain belongs to a node only when both say so', async (t) => {
  const { net, mailbox, alice } = await world(t, { domains: ['globex.test', 'victim.test'] })
  const group = await startGroup(alice, { title: 'Launch' })
  const claimedOnly = await invite(alice, group, 'ceo@victim.test')
  t.match(claimedOnly, { status: 201, body: { node: null } }, 'victim.test does not name globex')
  net.wire.join('borrowed.test', net.node('globex').app)
  const namedOnly = await invite(alice, group, 'ceo@borrowed.test')
  t.match(namedOnly, { status: 201, body: { node: null } }, 'globex does not claim borrowed.test')
  net.wire.join('victim.test', net.node('globex').app)
  await net.clock.advance(61_000)
  const both = await invite(alice, group, 'cto@victim.test', ['globex.test'])
  t.match(both, { status: 201, body: { node: 'globex.test' } })
  await net.eventually('two mails have come', async () => mailbox.mails.length === 2)
})

t.test(
  'INV-17: the invitee claims a mailed invitation from their own workspace, and no guest is made',
  async (t) => {
    const { net, mailbox, alice, bob } = await world(t)
    const group = await startGroup(alice, { title: 'Launch' })
    await post(alice, group, 'Before you came.')
    net.cut('acme', 'globex')
    t.match(await invite(alice, group, bobs), { status: 201, body: { node: null } })
    net.heal('acme', 'globex')
    const token = await mailedToken(net, mailbox, bobs)
    await net.clock.advance(61_000)

    const { app } = net.node('acme')
    const payload = { token, node: 'Globex.Test' }
    const handed = await app.inject({ method: 'POST', url: '/api/mail-invitations/hand-over', payload })
    t.same(handed.json(), { node: 'globex.test', url: `https://globex.test/#claim=acme.test/${token}` })
    const claim = { node: 'acme.test', token }
    t.same(await bob.ok('POST', '/api/claims/invitation', claim), { status: 'invited' })
    await accepts(net, bob, group)
    await eventuallySees(net, bob, group, 'Before you came.')
    t.match(await bob.ask('POST', '/api/claims/invitation', claim), {
      status: 410,
      body: { type: 'urn:parley:problem:link-invalid' },
    })
    t.equal(await guestsOf(net), 0)
    const { members } = await alice.get<{ members: object[] }>(`/api/spaces/${group}`)
    t.match(members, [{}, { person: { id: bob.id, node: 'globex.test', external: true } }])
  },
)

t.test(
  'who claims an address that their node does not speak for is confirmed by a code, or by the inviter',
  async (t) => {
    const { net, mailbox, alice, bob } = await world(t)
    const webmail = 'bob@mail.example'
    const one = await startGroup(alice, { title: 'One' })
    const sent = (await invite(alice, one, webmail)).body as unknown as Sent
    const token = await mailedToken(net, mailbox, webmail)
    const claim = { node: 'acme.test', token }
    t.same(await bob.ok('POST', '/api/claims/invitation', claim), { status: 'confirmation' })
    t.equal((await bob.get<{ invitations: unknown[] }>('/api/invitations')).invitations.length, 0)
    const { invitations } = await alice.get<{ invitations: object[] }>(`/api/spaces/${one}`)
    t.match(invitations, [{ id: sent.id, claimedBy: { id: bob.id, node: 'globex.test', external: true } }])
    const anna = await net.person('anna', 'acme')
    const confirm = `/api/spaces/${one}/invitations/${sent.id}/confirm`
    t.equal((await anna.ask('POST', confirm)).status, 404, 'only who invited knows who was meant')
    await alice.ok('POST', confirm)
    await accepts(net, bob, one)

    const two = await startGroup(alice, { title: 'Two' })
    await invite(alice, two, webmail)
    await net.eventually('another letter has come', async () => mailbox.to(webmail).length === 2)
    const second = mailbox.to(webmail).at(-1)!.token
    const { app } = net.node('acme')
    const ask = async (url: string, payload: object) => await app.inject({ method: 'POST', url, payload })
    const asked = await ask('/api/mail-invitations/code', { token: second })
    await net.eventually('the code has come', async () => mailbox.to(webmail).length === 3)
    const proof = { ...asked.json<{ challenge: string }>(), code: mailbox.to(webmail).at(-1)!.code }
    const { challenge, code } = proof
    const handing = { token: second, node: 'globex.test', proof: { challenge, code } }
    t.equal((await ask('/api/mail-invitations/hand-over', handing)).statusCode, 200)
    t.same(await bob.ok('POST', '/api/claims/invitation', { ...claim, token: second }), { status: 'invited' })
    await accepts(net, bob, two)
    t.equal(await guestsOf(net), 0)
  },
)

t.test('a node claims for its own users only, and only as a partner', async (t) => {
  const { net, mailbox, alice } = await world(t)
  const group = await startGroup(alice, { title: 'Launch' })
  net.cut('acme', 'globex')
  await invite(alice, group, bobs)
  net.heal('acme', 'globex')
  const token = await mailedToken(net, mailbox, bobs)
  const carla = await net.person('carla', 'globex')
  const unknown = await carla.ask('POST', '/api/claims/invitation', {
    node: 'acme.test',
    token: 'A'.repeat(43),
  })
  t.match(unknown, { status: 410, body: { type: 'urn:parley:problem:link-invalid' } })
  const nobody = await carla.ask('POST', '/api/claims/invitation', { node: 'nobody.test', token })
  t.match(nobody, { status: 409, body: { type: 'urn:parley:problem:peer-unreachable' } })
  const own = await alice.ask('POST', '/api/claims/invitation', { node: 'acme.test', token })
  t.match(own, { status: 410, body: { type: 'urn:parley:problem:link-invalid' } })
})

t.test(
  'IDN-09: somebody of another node has nothing here to sign in with, and nothing that could be reset',
  async (t) => {
    const { net, mailbox, alice, bob } = await world(t)
    const group = await startGroup(alice, { title: 'Launch' })
    await invite(alice, group, bobs, ['globex.test'])
    await accepts(net, bob, group)
    const { app, context } = net.node('acme')
    const shadow = await context.db
      .selectFrom('user')
      .selectAll()
      .where('id', '=', bob.id as never)
      .execute()
    t.equal(shadow.length, 1)
    const account = await context.db
      .selectFrom('account')
      .select('userId')
      .where('userId', '=', bob.id as never)
      .execute()
    t.same(account, [])
    const ask = async (url: string, payload: object) =>
      (await app.inject({ method: 'POST', url, payload })).statusCode
    t.equal(await ask('/api/sessions', { handle: 'bob', password: 'correct horse' }), 401)
    t.equal(await ask('/api/codes', { email: bobs }), 202)
    await net.clock.advance(10_000)
    t.equal(mailbox.to(bobs).length, 0, 'no code is mailed')
    for (const url of [`/api/guests/${bob.id}/enable`, `/api/accounts/${bob.id}/reactivate`]) {
      t.equal((await alice.ask('POST', url)).status, 404, url)
    }
    t.equal((await alice.ask('POST', `/api/guests/${bob.id}/convert`, { handle: 'shadow' })).status, 404)
    t.equal((await alice.ask('PUT', `/api/accounts/${bob.id}/role`, { role: 'admin' })).status, 404)
  },
)
