import t from 'tap'
import type { Entry, Head } from '#federation/chain.ts'
import { buildEntry } from '#federation/chain.ts'
import { signCheckpoint, signReceipt } from '#federation/log-documents.ts'
import type { Hash, SpaceId, UserId } from '#schema/ids.ts'
import type { Receipt } from '#schema/wire/log.ts'
import { findSpace } from '#server/db/spaces.ts'
import { forgeEntry, forgeEvent, push } from '../helpers/forge.ts'
import type { Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'

// Nodes that break their word, each contained and named.

type World = { net: Network; alice: Person; bob: Person; space: SpaceId; head: Head }

async function openWorld(): Promise<World> {
  const { net, alice, bob, thread: space } = await sharedThread({ except: ['I-05', 'I-06', 'I-16'] })
  const { epoch, headSeq, headHash } = (await findSpace(net.node('acme').context.db, space))!
  return { net, alice, bob, space, head: { epoch, seq: headSeq, hash: headHash } }
}

async function eventsAt(net: Network, node: string): Promise<string[]> {
  const rows = await net.node(node).context.db.selectFrom('securityEvent').select(['kind', 'peer']).execute()
  return rows.map(({ kind, peer }) => `${kind} ${peer}`)
}

const hasEvent = async (net: Network, node: string, event: string): Promise<boolean> =>
  (await eventsAt(net, node)).includes(event)

async function frozenAt(net: Network, node: string, space: SpaceId): Promise<string | null> {
  return (await findSpace(net.node(node).context.db, space))!.frozen
}

const isSubmission = (_from: string, _to: string, { target }: { target: string }): boolean =>
  target.endsWith('/submit')
const isPush = (from: string, _to: string, { target, method }: { target: string; method: string }): boolean =>
  from === 'acme.test' && method === 'POST' && target.endsWith('/entries')

/** acme answers every submission as if it stood next in a log of its own making, under its own signature. */
function promiseFalsely({ net, space, head }: World, changes: { checkpoint?: boolean } = {}): () => void {
  const acme = net.node('acme').context
  return net.wire.rewrite(isSubmission, (body) => {
    const answer = JSON.parse(body) as { results: { entry: string }[]; checkpoint: string }
    const real = JSON.parse(answer.results[0]!.entry) as Entry['body']
    const { hash, text } = buildEntry({ ...real, at: real.at + 1, prev: head.hash, seq: head.seq + 1 })
    answer.results[0]!.entry = text
    const state = JSON.parse(Buffer.from(answer.checkpoint.split('.')[1]!, 'base64url').toString()) as {
      state: Hash
    }
    answer.checkpoint = signCheckpoint(
      {
        v: 1,
        iss: acme.node,
        space,
        epoch: 1,
        seq: head.seq + 1,
        hash,
        state: state.state,
        at: acme.clock.now(),
      },
      acme.keys.signer,
    )
    if (changes.checkpoint === false) return JSON.stringify({ results: answer.results })
    return JSON.stringify(answer)
  })
}

t.test('SUB-12: a host that leaves out what it has accepted is convicted by its own promise', async (t) => {
  const world = await openWorld()
  const { net, alice, bob, space, head } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const acme = net.node('acme').context
  const restorePushes = net.wire.lose(isPush)
  const restoreSubmissions = promiseFalsely(world)
  await post(bob, space, 'Promised, and left out.')
  const { db } = net.node('globex').context
  await net.eventually('globex holds a promise', async () => {
    return (await db.selectFrom('promise').select('seq').execute()).length === 1
  })
  restorePushes()
  restoreSubmissions()
  // What comes instead, validly signed.
  const event = forgeEvent(acme, { space, sender: alice.id as UserId })
  const entry = forgeEntry(space, head, event, acme.clock.now())
  t.ok((await push(acme, 'globex.test', space, [{ entry, wire: event.wire }])).ok)
  await net.eventually('it is found out', async () => await hasEvent(net, 'globex', 'equivocation acme.test'))
  t.ok(await hasEvent(net, 'globex', 'broken-promise acme.test'))
  t.ok(await hasEvent(net, 'globex', 'omitted-event acme.test'))
  t.ok(await frozenAt(net, 'globex', space))
  const shown = await bob.get<{ events: { kind: string; evidence: object | null }[] }>('/api/security-events')
  t.ok(shown.events.some(({ evidence }) => evidence !== null))
})

t.test('a host that accepts and does not sign it is reported', async (t) => {
  const world = await openWorld()
  const { net, alice, bob, space } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  promiseFalsely(world, { checkpoint: false })
  await post(bob, space, 'On your word.')
  await eventuallySees(net, alice, space, 'On your word.')
  await net.eventually(
    'it is reported',
    async () => await hasEvent(net, 'globex', 'promise-missing acme.test'),
  )
  t.equal(await frozenAt(net, 'globex', space), null)
})

const nowhere = { epoch: 1, seq: 1_000, hash: 'E'.repeat(43) as Hash }

/** What is false in the receipt of a follower that has taken what it was sent. */
const falsehoods: Readonly<Record<string, (said: Receipt) => Partial<Receipt>>> = {
  'what it does not hold': () => ({ ...nowhere, kept: nowhere }),
  'an entry in another epoch': ({ epoch }) => ({ epoch: epoch + 1 }),
  'to have kept what it does not hold': () => ({ kept: nowhere }),
}

for (const [what, falsify] of Object.entries(falsehoods))
  t.test(`I-16: a follower that confirms ${what} is named, and stops nobody`, async (t) => {
    const { net, alice, space, head } = await openWorld()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const globex = net.node('globex').context
    net.wire.rewrite(isPush, (body) => {
      const answer = JSON.parse(body) as { receipt: string }
      const said = JSON.parse(Buffer.from(answer.receipt.split('.')[1]!, 'base64url').toString()) as Receipt
      const receipt = signReceipt({ ...said, ...falsify(said) }, globex.keys.signer)
      return JSON.stringify({ ...answer, receipt })
    })
    await post(alice, space, 'Do you have this?')
    await net.eventually('it is named', async () => await hasEvent(net, 'acme', 'false-receipt globex.test'))
    const { db } = net.node('acme').context
    const cursor = await db
      .selectFrom('cursor')
      .select('ackedSeq')
      .where('spaceId', '=', space)
      .executeTakeFirst()
    t.equal(cursor?.ackedSeq, head.seq, 'the cursor stays')
    t.equal(await frozenAt(net, 'acme', space), null)
    await post(alice, space, 'And on.')
    t.equal((await textsOf(alice, space))?.at(-1), 'And on.')
  })

t.test('SEQ-06: a host whose clock goes back, or far ahead, is reported, and the order stays', async (t) => {
  const { net, alice, bob, space, head } = await openWorld()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const acme = net.node('acme').context
  const now = acme.clock.now()
  const tell = async (after: Head, at: number, text: string): Promise<Head> => {
    const content = { text, fmt: 'plain' as const, mentions: [] }
    const event = forgeEvent(acme, { space, sender: alice.id as UserId, content })
    const entry = forgeEntry(space, after, event, at)
    const answer = await push(acme, 'globex.test', space, [{ entry, wire: event.wire }])
    t.ok(answer.ok)
    return { epoch: 1, seq: entry.body.seq, hash: entry.hash }
  }
  const first = await tell(head, now + 9 * 60_000, 'A little ahead.')
  t.strictSame(await eventsAt(net, 'globex'), [])
  await tell(first, now - 60_000, 'Before that.')
  await net.eventually('it is reported', async () => await hasEvent(net, 'globex', 'host-clock acme.test'))
  t.strictSame(await textsOf(bob, space), ['Before.', 'A little ahead.', 'Before that.'])
  t.equal(await frozenAt(net, 'globex', space), null)
})
