import t, { type Test } from 'tap'
import { type Mailbox, openMailbox } from '../helpers/mailbox.ts'
import { network, type Network } from '../helpers/network.ts'
import { type Person, personOf } from '../helpers/person.ts'
import { entriesOf, eventuallySees, post, startGroup, textsOf } from '../helpers/spaces.ts'

// A guest of acme, whose company gets a node of its own.

type World = {
  readonly net: Network
  readonly mailbox: Mailbox
  readonly alice: Person
  readonly guest: Person
  readonly bob: Person
}
const gus = 'gus@nowhere.test'

/** Invited by mail, and in: what a browser does with the link and the code. */
async function guestOf(
  net: Network,
  mailbox: Mailbox,
  inviter: Person,
  space: string,
  name: string,
): Promise<Person> {
  const body = { to: { email: gus }, history: 'all' }
  await inviter.ok('POST', `/api/spaces/${space}/invitations`, body)
  const { app } = net.node('acme')
  const ask = async <T>(what: string, payload: object): Promise<T> => {
    const answer = await app.inject({ method: 'POST', url: `/api/mail-invitations/${what}`, payload })
    if (answer.statusCode >= 300) throw new Error(`${what}: ${answer.body}`)
    return answer.json<T>()
  }
  const before = mailbox.to(gus).length
  await net.eventually(
    'the mail has come',
    async () => mailbox.to(gus).at(-1)?.link.includes('#invitation=') ?? false,
  )
  const { token } = mailbox.to(gus).at(-1)!
  const { challenge } = await ask<{ challenge: string }>('code', { token })
  await net.eventually('the code has come', async () => mailbox.to(gus).length > before + 1)
  const { code } = mailbox.to(gus).at(-1)!
  const taken = await ask<{ user: { id: string }; session: { token: string } }>('accept', {
    token,
    name,
    proof: { challenge, code },
  })
  return personOf(() => net.node('acme'), { id: taken.user.id, handle: name, token: taken.session.token })
}

async function world(t: Test): Promise<World> {
  const mailbox = await openMailbox()
  const net = await network(['acme', 'globex'], { settings: { acme: { mail: mailbox.settings } } })
  t.teardown(async () => {
    await net[Symbol.asyncDispose]()
    await mailbox[Symbol.asyncDispose]()
  })
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const group = await startGroup(alice, { title: 'First' })
  const guest = await guestOf(net, mailbox, alice, group, 'gus')
  return { net, mailbox, alice, guest, bob }
}

async function spacesOf(person: Person): Promise<string[]> {
  const { spaces } = await person.get<{ spaces: { id: string }[] }>('/api/spaces')
  return spaces.map(({ id }) => id)
}

t.test(
  'INV-18: a guest joins with their own node: places and history go over, labels stay, the account is closed',
  async (t) => {
    const { net, alice, guest, bob } = await world(t)
    const [group] = await spacesOf(guest)
    await post(guest, group!, 'Written as a guest.')
    await post(alice, group!, 'Hello, guest.')
    const moved = await guest.ok<{ node: string; url: string }>('POST', '/api/me/move', {
      node: 'globex.test',
    })
    t.match(moved.url, /^https:\/\/globex\.test\/#move=acme\.test\/[\w-]{43}$/)
    const token = moved.url.split('/').at(-1)
    const claim = { node: 'acme.test', token }
    t.same(await bob.ok('POST', '/api/claims/guest', claim), { status: 'claimed' })
    t.equal((await guest.ask('GET', '/api/me')).status, 401, 'what the guest was signed in to has ended')
    await net.eventually('bob is in', async () => (await textsOf(bob, group!)) !== undefined)
    await eventuallySees(net, bob, group!, 'Written as a guest.')
    await eventuallySees(net, bob, group!, 'Hello, guest.')
    await post(bob, group!, 'And now from globex.')
    await eventuallySees(net, alice, group!, 'And now from globex.')

    await net.eventually('the guest is gone', async () => {
      const { members } = await alice.get<{ members: { person: { id: string } }[] }>(`/api/spaces/${group}`)
      return !members.some(({ person }) => person.id === guest.id)
    })
    const { members } = await alice.get<{ members: object[] }>(`/api/spaces/${group}`)
    t.match(members, [
      {},
      { person: { id: bob.id, kind: 'member', node: 'globex.test' }, role: 'poster', history: 'all' },
    ])
    const written = (await entriesOf(bob, group!)).find(
      ({ content }) => content?.['text'] === 'Written as a guest.',
    )
    t.equal(written?.sender, guest.id, 'the label of what they wrote stays')
    const { guests } = await alice.get<{ guests: unknown[] }>('/api/guests')
    t.same(guests, [], 'the account is closed')
    t.equal((await bob.ask('POST', '/api/claims/guest', claim)).status, 410, 'the token is used up')

    const both = await Promise.all(
      ['acme', 'globex'].map(async (name) => {
        const { db } = net.node(name).context
        return await db.selectFrom('guestLink').select(['guest', 'userId', 'claim', 'link']).execute()
      }),
    )
    t.same(both[0], both[1], 'both nodes hold both signatures')
    t.match(both[0], [
      {
        guest: guest.id,
        userId: bob.id,
        claim: /^[\w-]+\.[\w-]+\.[\w-]+$/,
        link: /^[\w-]+\.[\w-]+\.[\w-]+$/,
      },
    ])
  },
)

t.test(
  'a guest account is claimed by whoever the guest gave the token to, and by nobody without it',
  async (t) => {
    const { net, guest, bob, alice } = await world(t)
    const made = await bob.ask('POST', '/api/claims/guest', { node: 'acme.test', token: 'A'.repeat(43) })
    t.match(made, { status: 410, body: { type: 'urn:parley:problem:link-invalid' } })
    t.equal((await alice.ask('POST', '/api/me/move', { node: 'globex.test' })).status, 404, 'for guests only')
    const { url } = await guest.ok<{ url: string }>('POST', '/api/me/move', { node: 'globex.test' })
    const claim = { node: 'acme.test', token: url.split('/').at(-1) }
    const carla = await net.person('carla', 'globex')
    const answers = await Promise.all(
      [bob, carla].map(async (one) => await one.ask('POST', '/api/claims/guest', claim)),
    )
    const statuses = answers.map(({ status }) => status)
    t.same(
      statuses.toSorted((a, b) => a - b),
      [200, 410],
      'of two who claim at once, one becomes the guest',
    )
  },
)

t.test('a claim survives that the other node is away, and what was lost on the way', async (t) => {
  const { net, guest, bob } = await world(t)
  const [group] = await spacesOf(guest)
  const { url } = await guest.ok<{ url: string }>('POST', '/api/me/move', { node: 'globex.test' })
  const claim = { node: 'acme.test', token: url.split('/').at(-1) }
  const stop = net.wire.loseAnswers((_from, _to, { target }) => target.endsWith('/guests/claim'))
  t.equal((await bob.ask('POST', '/api/claims/guest', claim)).status, 409, 'the answer was lost')
  stop()
  net.cut('acme', 'globex')
  await net.clock.advance(30_000)
  net.heal('acme', 'globex')
  await net.eventually('bob is in', async () => (await textsOf(bob, group!)) !== undefined, 10 * 60_000)
})
