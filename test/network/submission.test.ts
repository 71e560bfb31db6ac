import t from 'tap'
import { readDocument } from '#federation/document.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import { verifyJws } from '#federation/strict-jws.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { SubmitAnswer } from '#schema/wire/submit.ts'
import { forgeEvent, outcomes, submit } from '../helpers/forge.ts'
import type { Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { share, startThread, textsOf } from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

// What a host does with the events that another node submits, in the words of `conformance.md`.

type World = { net: Network; alice: Person; bob: Person; space: SpaceId; sender: UserId }

async function sharedThread(role = 'poster'): Promise<World> {
  const { net, alice, bob } = await twoCompanies()
  const space = (await startThread(alice, { title: 'Launch' })) as SpaceId
  await share(net, alice, space, bob, role)
  return { net, alice, bob, space, sender: bob.id as UserId }
}

t.test('SUB-01: a valid event is accepted with its entry and a checkpoint that covers it', async (t) => {
  const { net, alice, space, sender } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const answer = await submit(globex, space, [forgeEvent(globex, { space, sender })])
  t.strictSame(outcomes(answer), ['accepted'])
  const { results, checkpoint } = (answer as { value: SubmitAnswer }).value
  const entry = JSON.parse((results[0] as { entry: string }).entry) as { seq: number }
  const document = readDocument(checkpoint!, checkpointKind)
  t.ok(document.ok)
  if (!document.ok) return
  t.ok(verifyJws(document.value.jws, net.node('acme').context.keys.key).ok, 'signed by the host')
  t.equal(document.value.payload.seq, entry.seq)
  t.strictSame(await textsOf(alice, space), ['Forged.'])
})

t.test('SUB-02: a node that does not take part is refused whatever it submits', async (t) => {
  const { net, alice, sender } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const other = (await startThread(alice, { title: 'Of acme alone' })) as SpaceId
  const nowhere = `s_${'B'.repeat(42)}A` as SpaceId
  const here = await submit(globex, other, [forgeEvent(globex, { space: other, sender })])
  const there = await submit(globex, nowhere, [forgeEvent(globex, { space: nowhere, sender })])
  t.strictSame(outcomes(here), ['not-participating'])
  t.strictSame(outcomes(there), ['not-participating'], 'and learns nothing about what exists')
  t.strictSame(await textsOf(alice, other), [])
})

t.test('SUB-03, IDN-06: nobody submits in the name of a user of another node', async (t) => {
  const { net, alice, space, sender } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const asAlice = forgeEvent(globex, { space, sender: alice.id as UserId })
  const whollyAlice = forgeEvent(globex, { space, sender: alice.id as UserId, origin: 'acme.test' as never })
  t.strictSame(outcomes(await submit(globex, space, [asAlice])), ['no-right'])
  t.strictSame(outcomes(await submit(globex, space, [whollyAlice])), ['no-right'])
  t.strictSame(outcomes(await submit(globex, space, [forgeEvent(globex, { space, sender })])), ['accepted'])
  t.strictSame(await textsOf(alice, space), ['Forged.'])
})

t.test('SUB-04: path, space and host have to agree', async (t) => {
  const { net, alice, bob, space, sender } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const second = (await startThread(alice, { title: 'Second' })) as SpaceId
  await share(net, alice, second, bob)
  const forSecond = forgeEvent(globex, { space: second, sender })
  const forInitech = forgeEvent(globex, { space, sender, host: 'initech.test' as never })
  t.strictSame(outcomes(await submit(globex, space, [forSecond])), ['schema'])
  t.strictSame(outcomes(await submit(globex, space, [forInitech])), ['not-host'])
  t.strictSame(await textsOf(alice, space), [])
  t.strictSame(await textsOf(alice, second), [])
})

t.test('SUB-05: who is not a member, or may only read, writes nothing', async (t) => {
  const { net, alice, space, sender } = await sharedThread('reader')
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const bea = await net.person('bea', 'globex')
  const globex = net.node('globex').context
  const byBea = forgeEvent(globex, { space, sender: bea.id as UserId })
  t.strictSame(outcomes(await submit(globex, space, [byBea])), ['not-a-member'])
  t.strictSame(outcomes(await submit(globex, space, [forgeEvent(globex, { space, sender })])), ['no-right'])
  t.strictSame(await textsOf(alice, space), [])
})

t.test('SUB-06: what only admins and hosts may do is refused to a poster', async (t) => {
  const { net, alice, space, sender } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const hash = globex.keys.key.kid
  const wishes = [
    { type: 'member.remove', content: { user: alice.id } },
    { type: 'space.set', content: { key: 'title', value: 'Ours now' } },
    { type: 'node.add', content: { node: 'initech.test', op_hash: hash } },
  ]
  for (const wish of wishes) {
    const event = forgeEvent(globex, { space, sender, ...(wish as object) })
    t.strictSame(outcomes(await submit(globex, space, [event])), ['no-right'], wish.type)
  }
  const { title, members } = await alice.get<{ title: string; members: unknown[] }>(`/api/spaces/${space}`)
  t.equal(title, 'Launch')
  t.equal(members.length, 2)
})

t.test('SUB-08: of fifty events one that is refused takes no other with it', async (t) => {
  const { net, alice, space, sender } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const events = Array.from({ length: 50 }, (_, i) =>
    i === 19
      ? forgeEvent(globex, { space, sender, type: 'member.remove', content: { user: alice.id as UserId } })
      : forgeEvent(globex, { space, sender, content: { text: `${i}`, fmt: 'plain', mentions: [] } }),
  )
  const expected = events.map((_, i) => (i === 19 ? 'no-right' : 'accepted'))
  t.strictSame(outcomes(await submit(globex, space, events)), expected)
  const written = events.flatMap((_, i) => (i === 19 ? [] : [`${i}`]))
  t.strictSame(await textsOf(alice, space), written, 'and their order is kept')
})

t.test('SUB-09: an event that was held back too long is refused', async (t) => {
  const { net, alice, space, sender } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const threeDays = 72 * 60 * 60 * 1000
  const old = forgeEvent(globex, { space, sender, ts: globex.clock.now() - threeDays - 1 })
  t.strictSame(outcomes(await submit(globex, space, [old])), ['event-expired'])
  t.strictSame(await textsOf(alice, space), [])
})

t.test('SUB-10: a content that is not the one promised is refused', async (t) => {
  const { net, alice, space, sender } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const { hash, wire } = forgeEvent(globex, { space, sender })
  const other = { hash, wire: { ...wire, content: wire.content!.replace('Forged', 'Farged') } }
  const longer = { hash, wire: { ...wire, content: `${wire.content!} ` } }
  const otherSalt = { hash, wire: { ...wire, salt: 'AAAAAAAAAAAAAAAAAAAAAA' } }
  const shortSalt = { hash, wire: { ...wire, salt: 'AAAA' } }
  t.strictSame(outcomes(await submit(globex, space, [other])), ['content-mismatch'])
  t.strictSame(outcomes(await submit(globex, space, [longer])), ['content-mismatch'])
  t.strictSame(outcomes(await submit(globex, space, [otherSalt])), ['content-mismatch'])
  t.strictSame(outcomes(await submit(globex, space, [shortSalt])), ['schema'])
  t.strictSame(await textsOf(alice, space), [])
})

t.test(
  'event-id-conflict: another event under a known id is refused, the same one is a duplicate',
  async (t) => {
    const { net, alice, space, sender } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const globex = net.node('globex').context
    const event = forgeEvent(globex, { space, sender })
    const twin = forgeEvent(globex, { space, sender, id: event.header.id })
    t.strictSame(outcomes(await submit(globex, space, [event])), ['accepted'])
    t.strictSame(outcomes(await submit(globex, space, [event])), ['duplicate'])
    t.strictSame(outcomes(await submit(globex, space, [twin])), ['event-id-conflict'])
    t.strictSame(await textsOf(alice, space), ['Forged.'])
  },
)

t.test(
  'SUB-50: after a removal what is known is a duplicate still, and what is new is refused',
  async (t) => {
    const { net, alice, bob, space, sender } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const globex = net.node('globex').context
    const before = forgeEvent(globex, { space, sender })
    t.strictSame(outcomes(await submit(globex, space, [before])), ['accepted'])
    await alice.ok('DELETE', `/api/spaces/${space}/members/${bob.id}`)
    const after = forgeEvent(globex, { space, sender })
    const answer = await submit(globex, space, [before, after])
    t.strictSame(outcomes(answer), ['duplicate', 'not-participating'])
    t.ok(answer.ok && answer.value.checkpoint, 'the promise stands')
    t.strictSame(outcomes(await submit(globex, space, [after])), ['not-participating'])
    t.strictSame(await textsOf(alice, space), ['Forged.'])
  },
)
