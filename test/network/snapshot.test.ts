import t from 'tap'
import { buildEntry, type Head, readEntry } from '#federation/chain.ts'
import { signCheckpoint } from '#federation/log-documents.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Snapshot } from '#schema/wire/snapshot.ts'
import { findSpace } from '#server/db/spaces.ts'
import type { Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { entriesOf, eventuallySees, inviteTo, post, share, startThread, textsOf } from '../helpers/spaces.ts'
import { threeCompanies } from '../helpers/three-companies.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

// What a follower makes of a host that shows it another past than the one it signed.

type Tap = Pick<typeof t, 'equal'>
type World = { net: Network; alice: Person; bob: Person; thread: string }

async function acmeAndGlobex(): Promise<World> {
  const { net, alice, bob } = await twoCompanies()
  const thread = await startThread(alice, { title: 'Launch' })
  await post(alice, thread, 'Before.')
  return { net, alice, bob, thread }
}

async function alarmsOf(net: Network, node: string): Promise<string[]> {
  const rows = await net.node(node).context.db.selectFrom('securityEvent').select('kind').execute()
  return rows.map((row) => row.kind)
}

async function membersOf(person: Person, space: string): Promise<string[]> {
  const { members } = await person.get<{ members: { person: { name: string } }[] }>(`/api/spaces/${space}`)
  return members.map((member) => member.person.name)
}

/** Answers about a space that come from acme say something else. */
function rewrite<T>(net: Network, word: string, change: (value: T) => void): () => void {
  return net.wire.rewrite(
    (_, to, { target }) => to === 'acme.test' && target.includes(word),
    (body) => {
      const value = JSON.parse(body) as T
      change(value)
      return JSON.stringify(value)
    },
  )
}

/** bob says yes, and is out again before he has seen anything; his administrators know why. */
async function leavesAgain(t: Tap, { net, alice, bob, thread }: World, id: string): Promise<void> {
  await bob.ok('POST', `/api/invitations/${id}/accept`)
  await net.eventually('globex is alarmed', async () =>
    (await alarmsOf(net, 'globex')).includes('invite-mismatch'),
  )
  await net.eventually('bob has left', async () => !(await membersOf(alice, thread)).includes('bob'))
  await net.clock.advance(30_000)
  t.equal(await textsOf(bob, thread), undefined)
  t.equal(await findSpace(net.node('globex').context.db, thread as SpaceId), undefined)
}

t.test(
  'JOI-02: a snapshot of another state than the host signed is refused, and its people leave',
  async (t) => {
    const world = await acmeAndGlobex()
    const { net, alice, bob, thread } = world
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const stop = rewrite<Snapshot>(net, '/snapshot', ({ members }) => (members[0]![1] = 'reader'))
    const id = await inviteTo(net, alice, thread, bob, { history: 'now' })
    await leavesAgain(t, world, id)
    stop()
    await share(net, alice, thread, bob, { history: 'now' })
    t.ok(await textsOf(bob, thread), 'an honest one is taken')
  },
)

t.test('JOI-04: a snapshot whose genesis is not that of the space is refused', async (t) => {
  const world = await acmeAndGlobex()
  const { net, alice, bob, thread } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  rewrite<Snapshot>(net, '/snapshot', ({ head }) => {
    if (head) head.genesis.event.header = head.genesis.event.header.replace('"v":1', '"v": 1')
  })
  const id = await inviteTo(net, alice, thread, bob, { history: 'now' })
  await leavesAgain(t, world, id)
})

t.test('INV-11: a log that says something else than the letter is left before it is seen', async (t) => {
  for (const [what, history, letter] of [
    ['more history, with a snapshot', 'now', { history: 'all' }],
    ['another role, with the whole log', 'all', { role: 'reader' }],
  ] as const) {
    const world = await acmeAndGlobex()
    const { net, alice, bob, thread } = world
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const id = await inviteTo(net, alice, thread, bob, { history })
    // What bob was shown.
    const { db } = net.node('globex').context
    await db
      .updateTable('invite')
      .set(letter)
      .where('jti', '=', id as never)
      .execute()
    t.comment(what)
    await leavesAgain(t, world, id)
  }
})

t.test('INV-11: a company that the letter did not name is a reason to leave', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, carol)
  const id = await inviteTo(net, alice, thread, bob, { history: 'now' })
  const { db } = net.node('globex').context
  await db
    .updateTable('invite')
    .set({ roster: '["acme.test"]' })
    .where('jti', '=', id as never)
    .execute()
  await leavesAgain(t, { net, alice, bob, thread }, id)
})

t.test('JOI-05: who has accepted and is in no log sees nothing', async (t) => {
  const { net, alice, bob, thread } = await acmeAndGlobex()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const id = await inviteTo(net, alice, thread, bob)
  net.cut('acme', 'globex')
  await bob.ok('POST', `/api/invitations/${id}/accept`)
  await net.clock.advance(60_000)
  t.equal(await textsOf(bob, thread), undefined)
  t.strictSame((await bob.get<{ spaces: unknown[] }>('/api/spaces')).spaces, [])
  net.heal('acme', 'globex')
  await eventuallySees(net, bob, thread, 'Before.')
})

/** A colleague of bob's has a wider window: globex fetches the past, of which acme says something else. */
async function withPast(change: (net: Network, batch: Batch) => void): Promise<World & { bea: Person }> {
  const world = await acmeAndGlobex()
  const { net, alice, bob, thread } = world
  const bea = await net.person('bea', 'globex')
  await share(net, alice, thread, bob, { history: 'now' })
  rewrite<Batch>(net, 'before=', (batch) => change(net, batch))
  await share(net, alice, thread, bea, { history: 'all' })
  return { ...world, bea }
}

t.test('GAP-03: another past under the signature of the host is a fork, and stops the space', async (t) => {
  const { net, bea, thread } = await withPast((world, batch) => {
    const acme = world.node('acme').context
    let head: (Head & { space: SpaceId }) | undefined
    for (const line of batch.entries) {
      const read = readEntry(line.entry)
      if (!read.ok) throw new Error(read.code)
      const { body } = read.value
      const entry = buildEntry({ ...body, at: body.at + 1, prev: head?.hash ?? body.prev })
      line.entry = entry.text
      head = { space: body.space, epoch: 1, seq: body.seq, hash: entry.hash }
    }
    const at = acme.clock.now()
    const claim = { v: 1, iss: acme.node, state: head!.hash, at, ...head! } as const
    batch.checkpoint = signCheckpoint(claim, acme.keys.signer)
  })
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await net.eventually('globex is alarmed', async () => (await alarmsOf(net, 'globex')).includes('fork'))
  t.strictSame(await textsOf(bea, thread), [], 'nothing of it is shown')
  t.equal((await findSpace(net.node('globex').context.db, thread as SpaceId))!.frozen, 'equivocation')
})

t.test('GAP-02: a past that does not lead to what we hold is refused, and asked for again', async (t) => {
  let lies = 2
  const { net, bea, thread } = await withPast((_, batch) => {
    if (lies-- > 0) batch.entries.splice(1, 1)
  })
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await eventuallySees(net, bea, thread, 'Before.')
  t.ok((await alarmsOf(net, 'globex')).includes('bad-past'))
})

t.test('GAP-06: what is fetched of the past is checked like what is pushed', async (t) => {
  await using world = await threeCompanies()
  const { net, alice, bob, carol } = world
  const bea = await net.person('bea', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, carol)
  await post(carol, thread, 'Proved by initech.')
  await eventuallySees(net, alice, thread, 'Proved by initech.')
  await post(alice, thread, 'Changed on the way.')
  await share(net, alice, thread, bob, { history: 'now' })
  rewrite<Batch>(net, 'before=', (batch) => {
    batch.proofs = []
    for (const { event } of batch.entries) event.content = event.content?.replace('Changed', 'Turned') ?? null
  })
  await share(net, alice, thread, bea, { history: 'all' })
  await net.eventually('the past is there', async () => (await entriesOf(bea, thread))[0]?.seq === 1)
  const posts = (await entriesOf(bea, thread)).filter(({ type }) => type === 'msg.post')
  t.strictSame(
    posts.map(({ standing, content }) => [standing, content]),
    [
      ['unverified', null],
      ['unreadable', null],
    ],
  )
  t.ok((await alarmsOf(net, 'globex')).includes('unverified-event'))
})
