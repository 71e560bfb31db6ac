import t from 'tap'
import type { Head } from '#federation/chain.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { findSpace } from '#server/db/spaces.ts'
import { forgeEntry, forgeEvent, push, type Pushed } from '../helpers/forge.ts'
import type { Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { entriesOf, startThread, textsOf } from '../helpers/spaces.ts'

// What a follower makes of a host that does not mean well.

type World = { net: Network; alice: Person; bob: Person; space: SpaceId; head: Head }

// What acme pushes here is not in its own log.
async function openWorld(): Promise<World> {
  const { net, alice, bob, thread: space } = await sharedThread({ except: ['I-06'] })
  const { epoch, headSeq, headHash } = (await findSpace(net.node('globex').context.db, space))!
  return { net, alice, bob, space, head: { epoch, seq: headSeq, hash: headHash } }
}

async function alarmsOf(net: Network, node: string): Promise<string[]> {
  const rows = await net.node(node).context.db.selectFrom('securityEvent').select('kind').execute()
  return rows.map((row) => row.kind)
}

function codeOf(answer: Pushed): string | undefined {
  if (answer.ok) return undefined
  return 'refused' in answer ? answer.refused.code : answer.failed.reason
}

t.test(
  'SEQ-07: an event that its author never proved stays in the chain, unseen, and raises an alarm',
  async (t) => {
    const { net, bob, space, head } = await openWorld()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const acme = net.node('acme').context
    const event = forgeEvent(acme, { space, sender: bob.id as UserId, origin: 'globex.test' as never })
    const entry = forgeEntry(space, head, event, acme.clock.now())
    const answer = await push(acme, 'globex.test', space, [{ entry, wire: event.wire }])
    t.ok(answer.ok)
    t.match(answer.ok && answer.value.rejected, [{ seq: head.seq + 1, tier: 'event' }])
    const seen = (await entriesOf(bob, space)).at(-1)
    t.match(seen, { seq: head.seq + 1, standing: 'unverified', content: null })
    t.strictSame(await textsOf(bob, space), ['Before.'])
    t.ok((await alarmsOf(net, 'globex')).includes('unverified-event'))
  },
)

t.test('SEQ-09: what cannot be shown leaves a placeholder, and the chain goes on', async (t) => {
  const { net, alice, bob, space, head } = await openWorld()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const acme = net.node('acme').context
  const sender = alice.id as UserId
  const unknown = forgeEvent(acme, { space, sender, type: 'x.acme.dance' as never, content: {} as never })
  const broken = forgeEvent(acme, { space, sender, content: { text: 7 } as never })
  const missing = forgeEvent(acme, { space, sender })
  const lines = []
  let at = head
  for (const event of [unknown, broken, missing]) {
    const entry = forgeEntry(space, at, event, acme.clock.now())
    const wire = event === missing ? { ...event.wire, content: null, salt: null } : event.wire
    lines.push({ entry, wire })
    at = { epoch: 1, seq: entry.body.seq, hash: entry.hash }
  }
  const answer = await push(acme, 'globex.test', space, lines)
  t.equal(codeOf(answer), undefined)
  const seen = (await entriesOf(bob, space)).slice(-3)
  t.strictSame(
    seen.map(({ standing }) => standing),
    ['unsupported', 'unreadable', 'unreadable'],
  )
})

t.test('SEQ-04: an entry that was changed by one byte is refused, and nothing is applied', async (t) => {
  const { net, alice, bob, space, head } = await openWorld()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const acme = net.node('acme').context
  const event = forgeEvent(acme, { space, sender: alice.id as UserId })
  const entry = forgeEntry(space, head, event, acme.clock.now())
  const entries = [{ entry: entry.text.replace('"v":1', '"v": 1'), event: event.wire }]
  const answer = await push(acme, 'globex.test', space, [{ entry, wire: event.wire }], { entries })
  t.ok(codeOf(answer))
  t.strictSame(await textsOf(bob, space), ['Before.'])
})

t.test('EQV-04: another history under a number that we hold is a fork, and freezes the space', async (t) => {
  const { net, alice, bob, space, head } = await openWorld()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const acme = net.node('acme').context
  const event = forgeEvent(acme, { space, sender: alice.id as UserId })
  const entry = forgeEntry(space, { ...head, seq: head.seq - 1 }, event, acme.clock.now())
  const answer = await push(acme, 'globex.test', space, [{ entry, wire: event.wire }])
  t.equal(codeOf(answer), 'fork')
  t.ok((await alarmsOf(net, 'globex')).includes('fork'))
  t.strictSame(await textsOf(bob, space), ['Before.'], 'what we hold is still what we show')
})

t.test('a space that nobody here asked for is not taken in', async (t) => {
  const { net, alice } = await openWorld()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const acme = net.node('acme').context
  const other = (await startThread(alice, { title: 'Unasked' })) as SpaceId
  const { text, header, salt, content } = await acme.db
    .selectFrom('entry')
    .innerJoin('content', 'content.spaceId', 'entry.spaceId')
    .select(['entry.text', 'entry.header', 'content.salt', 'content.text as content'])
    .where('entry.spaceId', '=', other)
    .executeTakeFirstOrThrow()
  const entry = { hash: (await findSpace(acme.db, other))!.headHash, body: JSON.parse(text), text }
  const answer = await push(acme, 'globex.test', other, [{ entry, wire: { header, salt, content } }])
  t.equal(codeOf(answer), 'not-participating')
  t.equal(await findSpace(net.node('globex').context.db, other), undefined)
})
