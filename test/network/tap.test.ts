import t from 'tap'
import { refusals } from '#schema/refusal.ts'
import { leavesOf } from '../helpers/leaves.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { eventuallySees, post, share, startGroup, startThread } from '../helpers/spaces.ts'

// What leaves the node: after a busy day between acme and globex everything that acme sent is taken apart, and each
// string in it has to be explained. It is of the protocol's own grammar, or it is one of the words below: names of people
// whom globex shares a space with, what they show of themselves, and what stands in shared spaces.

t.setTimeout(300_000)

/** What the protocol says by itself: ids, hashes, signatures, versions, addresses of nodes. */
const grammar = [
  /^(?:[a-z0-9-]+\.)+test$/,
  /^(?:u_[a-z2-7]{26}|node)@[a-z]+\.test$/,
  /^s_[A-Za-z0-9_-]{43}$/,
  /^[A-Za-z0-9_-]{43}$/,
  /^[A-Za-z0-9_-]{22}$/,
  /^[A-Za-z0-9_-]{86}$/,
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  /^urn:(?:uuid:[0-9a-f-]{36}|parley:problem:[a-z-]+)$/,
  /^https:\/\/[a-z]+\.test\/federation$/,
  /^(?:all|now|since:\d+|\d+\.\d+)$/,
  /^parley-[a-z-]+\+jws$/,
  /^(?:msg|member|recipient|node|space)\.[a-z]+$/,
]

/** Its closed lists. */
const words = new Set<string>([
  ...[
    'EdDSA',
    'Ed25519',
    'OKP',
    'sig',
    'genesis',
    'rotate',
    'approval',
    'open',
    'active',
    'received',
    'noted',
  ],
  ...['thread', 'group', 'dm', 'reader', 'poster', 'member', 'admin', 'plain', 'md1', 'accept', 'decline'],
  ...[
    'joined',
    'declined',
    'accepted',
    'duplicate',
    'never',
    'later',
    'removed',
    'left',
    'revoked',
    'deny',
    'purge',
  ],
  // What a workspace declares about companies that arrive, the name of a setting, everybody of a node.
  ...['allow', 'ask', 'title', '*'],
  ...Object.values(refusals).map(({ sentence }) => sentence),
])

type World = { readonly net: Network; readonly alice: Person; readonly ada: Person; readonly bob: Person }

async function world(): Promise<World> {
  const net = await network(['acme', 'globex'])
  const olga = await net.person('olga', 'acme')
  const alice = await net.person('alice', 'acme')
  const ada = await net.person('ada', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  for (const person of [olga, alice, ada]) {
    await person.ok('PATCH', '/api/me', {
      title: `Title of ${person.handle}`,
      timeZone: 'Europe/Berlin',
      statusText: `Status of ${person.handle}`,
    })
  }
  return { net, alice, ada, bob }
}

/** Shared things and internal ones, side by side; `Inner` marks what must stay. */
async function busyDay({ net, alice, ada, bob }: World): Promise<void> {
  const inner = await startGroup(alice, { title: 'Inner group', people: [ada] })
  const innerThread = await startThread(alice, { title: 'Inner thread', groups: [inner] })
  await post(ada, inner, 'Inner words of ada.')
  await post(alice, innerThread, 'Inner words of alice.')
  const shared = await startThread(alice, { title: 'Shared thread' })
  await post(alice, shared, 'Shared words before.')
  await share(net, alice, shared, bob)
  const group = await startGroup(alice, { title: 'Shared group' })
  await post(alice, group, 'Inner words before the window.')
  await share(net, alice, group, bob, { role: 'member', history: 'now' })
  const inGroup = await startThread(alice, { title: 'Shared thread of the group', groups: [group] })
  await post(alice, inGroup, 'Shared words in the group.')
  await eventuallySees(net, bob, inGroup, 'Shared words in the group.')
  await post(bob, shared, 'Words of bob.')
  await eventuallySees(net, alice, shared, 'Words of bob.')
  const declined = await startThread(alice, { title: 'Shown to an invitee' })
  await post(alice, declined, 'Inner words behind an invitation.')
  const { id } = await alice.ok<{ id: string }>('POST', `/api/spaces/${declined}/invitations`, {
    to: { address: bob.address },
    companies: ['globex.test'],
  })
  await net.eventually('bob is invited', async () => {
    return (await bob.get<{ invitations: { id: string }[] }>('/api/invitations')).invitations.some(
      (one) => one.id === id,
    )
  })
  await bob.ok('POST', `/api/invitations/${id}/decline`)
  await alice.ok('DELETE', `/api/spaces/${shared}/members/${bob.id}`)
  await post(alice, shared, 'Inner words after the removal.')
  await net.clock.advance(2 * 60_000)
}

/** All that acme said to globex: what it sent, and what it answered. */
function saidTo({ wire }: Network, from: string, to: string): string[] {
  return wire.sightings.flatMap((sighting) => [
    ...(sighting.from === from && sighting.to === to ? [sighting.target, sighting.body] : []),
    ...(sighting.from === to && sighting.to === from ? [sighting.answer] : []),
  ])
}

t.test('I-12: nothing leaves acme but names, shown profiles and what is shared', async (t) => {
  const here = await world()
  t.teardown(async () => await here.net[Symbol.asyncDispose]())
  await busyDay(here)
  const shared = new Set([
    ...['alice', 'bob', 'Title of alice', 'Europe/Berlin'],
    ...['Shared thread', 'Shared group', 'Shared thread of the group', 'Shown to an invitee'],
    ...['Shared words before.', 'Shared words in the group.', 'Words of bob.'],
  ])
  const said = saidTo(here.net, 'acme.test', 'globex.test')
  const leaves = said.flatMap((body) => (body.startsWith('/') ? [] : leavesOf(body)))
  const unexplained = leaves.filter(
    (leaf) => !shared.has(leaf) && !words.has(leaf) && !grammar.some((form) => form.test(leaf)),
  )
  t.strictSame([...new Set(unexplained)], [], 'every string is explained')
  for (const expected of ['Shared words before.', 'Shared words in the group.', 'alice', 'Title of alice']) {
    t.ok(leaves.includes(expected), `"${expected}" was said, so the search finds what there is`)
  }
  const targets = said.filter((body) => body.startsWith('/'))
  t.notOk(
    targets.some((target) => /%|inner|ada/i.test(target.replaceAll(/s_[\w-]{43}/g, ''))),
    'nor in a path',
  )
})
