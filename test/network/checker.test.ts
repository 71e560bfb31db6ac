import t from 'tap'
import type { Tx } from '#server/db/open.ts'
import { type Fault, findFaults, type InvariantId } from '../helpers/checker.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { eventuallySees, post, share, startThread } from '../helpers/spaces.ts'

// The checker runs behind every network test; here it has to find what was broken under its eyes.

type World = { net: Network; bob: Person; thread: string }

async function sharedThread(): Promise<World> {
  const net = await network(['acme', 'globex'])
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  const bea = await net.person('bea', 'globex')
  await net.befriend('acme', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await share(net, alice, thread, bea)
  await post(bob, thread, 'From globex.')
  await eventuallySees(net, bob, thread, 'From globex.')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bea.id}`)
  await post(alice, thread, 'From acme.')
  await eventuallySees(net, bob, thread, 'From acme.')
  await net.clock.advance(60_000)
  return { net, bob, thread }
}

type Damage = (tx: Tx, thread: never) => Promise<unknown>
type Case = readonly [string, 'acme' | 'globex', InvariantId, Damage]

const cases: readonly Case[] = [
  [
    'an entry that has gone',
    'acme',
    'I-03',
    async (tx, thread) =>
      await tx.deleteFrom('entry').where('spaceId', '=', thread).where('seq', '=', 4).execute(),
  ],
  [
    'a head beyond the log',
    'globex',
    'I-03',
    async (tx) =>
      await tx
        .updateTable('space')
        .set((eb) => ({ headSeq: eb('headSeq', '+', 1) }))
        .execute(),
  ],
  [
    'a text that was changed',
    'globex',
    'I-05',
    async (tx) => await tx.updateTable('entry').set({ header: '{}' }).where('seq', '=', 2).execute(),
  ],
  [
    'a copy with another entry',
    'globex',
    'I-06',
    async (tx) =>
      await tx
        .updateTable('entry')
        .set({ hash: 'x' as never })
        .where('seq', '=', 3)
        .execute(),
  ],
  [
    'a membership that no entry says',
    'globex',
    'I-11',
    async (tx) => await tx.updateTable('member').set({ untilSeq: null }).execute(),
  ],
  [
    'a role that no entry gave',
    'acme',
    'I-11',
    async (tx) => await tx.updateTable('member').set({ role: 'admin' }).execute(),
  ],
  ['a cursor without its receipt', 'acme', 'I-16', async (tx) => await tx.deleteFrom('receipt').execute()],
  [
    'a follower that lost what it confirmed',
    'globex',
    'I-16',
    async (tx, thread) =>
      await tx.updateTable('space').set({ headSeq: 3 }).where('id', '=', thread).execute(),
  ],
  ['a fence that was never issued', 'acme', 'I-17', async (tx) => await tx.deleteFrom('fence').execute()],
  [
    'a fence that was signed for and lost',
    'globex',
    'I-17',
    async (tx) => await tx.deleteFrom('fence').execute(),
  ],
  [
    'an event that still waits',
    'globex',
    'I-20',
    async (tx, thread) =>
      await tx
        .insertInto('pending')
        .values({
          eventId: '01890000-0000-7000-8000-000000000000' as never,
          spaceId: thread,
          host: 'acme.test' as never,
          sender: 'u_x@globex.test' as never,
          idempotencyKey: 'k',
          requestHash: '',
          header: '{}',
          salt: '',
          content: '{}',
          expiresAt: 0,
          createdAt: 0,
          code: null,
        })
        .execute(),
  ],
]

t.test(
  'the checker finds nothing where nothing is wrong, and everything else by its invariant',
  async (t) => {
    const { net, thread } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    t.strictSame(await faultsWith(net, 'acme', async () => undefined), [])
    for (const [what, name, invariant, damage] of cases) {
      const faults = await faultsWith(net, name, async (tx) => await damage(tx, thread as never))
      t.ok(
        faults.some(({ id }) => id === invariant),
        `${what}: ${invariant}`,
      )
    }
  },
)

t.test('at rest, nobody reads what was ended and nobody is kept from what is theirs', async (t) => {
  const { net, bob } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const kept = await faultsWith(net, 'globex', async (tx) => {
    await tx
      .updateTable('fence')
      .set({ subject: bob.id as never, fromSeq: 1_000 })
      .execute()
  })
  t.ok(kept.some(({ id, detail }) => id === 'I-20' && detail.includes('is kept from')))
  const open = await faultsWith(net, 'acme', async (tx) => {
    await tx
      .updateTable('member')
      .set({ untilSeq: 5 })
      .where('userId', '=', bob.id as never)
      .execute()
  })
  t.ok(open.some(({ id }) => id === 'I-14'))
})

/** What the checker says of the network with some damage done to one node, which is undone again. */
async function faultsWith(
  net: Network,
  name: string,
  damage: (tx: Tx) => Promise<unknown>,
): Promise<Fault[]> {
  const tx = await net.node(name).context.db.startTransaction().execute()
  try {
    await damage(tx)
    const nodes = ['acme', 'globex'].map((one) => ({
      id: net.node(one).id,
      db: one === name ? tx : net.node(one).context.db,
    }))
    return await findFaults(nodes, { quiescent: true })
  } finally {
    await tx.rollback().execute()
  }
}
