import t from 'tap'
import type { Entry } from '#federation/chain.ts'
import { buildEntry, type Head } from '#federation/chain.ts'
import { signCheckpoint, signReceipt } from '#federation/log-documents.ts'
import type { Hash, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { findSpace } from '#server/db/spaces.ts'
import { fault, isPush, later, pushesOf } from '../helpers/failing.ts'
import { forgeEntry, forgeEvent, push, submit } from '../helpers/forge.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { exchangesOf } from '../helpers/records.ts'
import { eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'

// A peer that is slow, dead or lying: what it does is in the log under its name, and nobody else notices. acme hosts a
// thread of all three companies, and one that it has with each of the others; globex hosts one with initech.

type World = AsyncDisposable & {
  readonly net: Network
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
  readonly thread: SpaceId
  readonly head: Head
  /** Everybody who is not concerned is heard, and soon. */
  everybodyElseGoesOn(by: { without: 'globex' | 'the thread' }): Promise<void>
}

async function openWorld(): Promise<World> {
  const net = await network(['acme', 'globex', 'initech'], { except: ['I-05', 'I-06', 'I-16'] })
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  const carol = await net.person('carol', 'initech')
  await net.befriend('acme', 'globex')
  await net.befriend('acme', 'initech')
  await net.befriend('globex', 'initech')
  const begin = async (by: Person, others: readonly Person[]): Promise<SpaceId> => {
    const space = (await startThread(by, { title: 'Launch' })) as SpaceId
    for (const other of others) await share(net, by, space, other)
    await post(by, space, 'Before.')
    for (const other of others) await eventuallySees(net, other, space, 'Before.')
    return space
  }
  const thread = await begin(alice, [bob, carol])
  const withBob = await begin(alice, [bob])
  const withCarol = await begin(alice, [carol])
  const ofBob = await begin(bob, [carol])
  const { epoch, headSeq, headHash } = (await findSpace(net.node('acme').context.db, thread))!
  const heard = async (from: Person, to: Person, space: SpaceId): Promise<void> => {
    const text = `At ${net.clock.now} from ${from.handle}.`
    await post(from, space, text)
    const isThere = async () => (await textsOf(to, space))?.includes(text) ?? false
    await net.eventually(`${to.handle} hears ${from.handle}`, isThere, 2_000)
  }
  return {
    ...{ net, alice, bob, carol, thread, head: { epoch, seq: headSeq, hash: headHash } },
    async everybodyElseGoesOn({ without }) {
      await heard(alice, carol, withCarol)
      await heard(carol, alice, withCarol)
      if (without === 'globex') return await heard(alice, carol, thread)
      await heard(alice, bob, withBob)
      await heard(bob, carol, ofBob)
      await heard(carol, bob, ofBob)
    },
    [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose](),
  }
}

async function namedAt(net: Network, node: string, peer: string): Promise<string[]> {
  const { db } = net.node(node).context
  const rows = await db
    .selectFrom('securityEvent')
    .select('kind')
    .where('peer', '=', `${peer}.test` as NodeId)
    .execute()
  return rows.map(({ kind }) => kind)
}

async function frozenAt(net: Network, node: string): Promise<SpaceId[]> {
  const rows = await net.node(node).context.db.selectFrom('space').select(['id', 'frozen']).execute()
  return rows.flatMap(({ id, frozen }) => (frozen === null ? [] : [id]))
}

async function isNamed(net: Network, node: string, peer: string, kind: string): Promise<void> {
  const isThere = async () => (await namedAt(net, node, peer)).includes(kind)
  await net.eventually(`${node} names ${peer}: ${kind}`, isThere)
}

t.test('a host that tells two followers different things stops that space, and no other', async (t) => {
  await using world = await openWorld()
  const { net, alice, thread, head } = world
  const acme = net.node('acme').context
  const tell = async (to: string, text: string, after: Head, cosigs: string[] = []) => {
    const content = { text, fmt: 'plain' as const, mentions: [] }
    const event = forgeEvent(acme, { space: thread, sender: alice.id as UserId, content })
    const entry = forgeEntry(thread, after, event, acme.clock.now())
    const answer = await push(acme, to, thread, [{ entry, wire: event.wire }], { cosigs })
    if (!answer.ok) throw new Error(`${to} did not take it.`)
    return { receipt: answer.value.receipt, head: { epoch: 1, seq: entry.body.seq, hash: entry.hash } }
  }
  const other = await tell('initech.test', 'To initech.', head)
  const one = await tell('globex.test', 'To globex.', head)
  await tell('globex.test', 'And on.', one.head, [other.receipt])
  await isNamed(net, 'globex', 'acme', 'cosignature-conflict')
  await isNamed(net, 'globex', 'acme', 'equivocation')
  await isNamed(net, 'initech', 'acme', 'equivocation')
  await world.everybodyElseGoesOn({ without: 'the thread' })
  for (const node of ['globex', 'initech']) t.strictSame(await frozenAt(net, node), [thread], node)
})

t.test('a host that leaves out what it has accepted is named, and stops no other space', async (t) => {
  await using world = await openWorld()
  const { net, alice, bob, thread, head } = world
  const acme = net.node('acme').context
  const isSubmission = (from: string, _to: string, { target }: { target: string }): boolean =>
    from === 'globex.test' && target.endsWith(`/${thread}/submit`)
  const mend = net.wire.lose((from, _to, request) => from === 'acme.test' && isPushOf(thread, request))
  // Its answer is a place in a log of its own making.
  const restore = net.wire.rewrite(isSubmission, (body) => {
    const answer = JSON.parse(body) as { results: { entry: string }[]; checkpoint: string }
    const real = JSON.parse(answer.results[0]!.entry) as Entry['body']
    const { hash, text } = buildEntry({ ...real, at: real.at + 1, prev: head.hash, seq: head.seq + 1 })
    const claims = Buffer.from(answer.checkpoint.split('.')[1]!, 'base64url').toString()
    const { state } = JSON.parse(claims) as { state: Hash }
    const at = acme.clock.now()
    const said = {
      v: 1,
      iss: acme.node,
      space: thread,
      epoch: 1,
      seq: head.seq + 1,
      hash,
      state,
      at,
    } as const
    const checkpoint = signCheckpoint(said, acme.keys.signer)
    return JSON.stringify({ results: [{ ...answer.results[0], entry: text }], checkpoint })
  })
  await post(bob, thread, 'Promised, and left out.')
  const { db } = net.node('globex').context
  await net.eventually('globex holds the promise', async () => {
    return (await db.selectFrom('promise').select('seq').execute()).some(({ seq }) => seq === head.seq + 1)
  })
  restore()
  mend()
  const event = forgeEvent(acme, { space: thread, sender: alice.id as UserId })
  const entry = forgeEntry(thread, head, event, acme.clock.now())
  await push(acme, 'globex.test', thread, [{ entry, wire: event.wire }])
  await isNamed(net, 'globex', 'acme', 'omitted-event')
  await isNamed(net, 'globex', 'acme', 'broken-promise')
  await world.everybodyElseGoesOn({ without: 'the thread' })
  t.strictSame(await namedAt(net, 'globex', 'initech'), [])
  t.strictSame(await frozenAt(net, 'globex'), [thread])
})

t.test('a follower that confirms what it does not hold is named, and nobody else waits', async (t) => {
  await using world = await openWorld()
  const { net, alice, thread, head } = world
  const globex = net.node('globex').context
  net.wire.rewrite(
    (_from, to, request) => to === 'globex.test' && isPushOf(thread, request),
    () => {
      const far = { epoch: 1, seq: head.seq + 1_000, hash: 'E'.repeat(43) as Hash }
      const about = { v: 1, iss: globex.node, aud: 'acme.test' as NodeId, space: thread } as const
      const at = globex.clock.now()
      return JSON.stringify({
        receipt: signReceipt({ ...about, ...far, kept: far, at }, globex.keys.signer),
        rejected: [],
      })
    },
  )
  await post(alice, thread, 'Do you have this?')
  await isNamed(net, 'acme', 'globex', 'false-receipt')
  await world.everybodyElseGoesOn({ without: 'globex' })
  // Again and again: a node that were left alone for it would be heard more seldom each time.
  for (let round = 0; round < 4; round++) await world.everybodyElseGoesOn({ without: 'the thread' })
  t.strictSame(await frozenAt(net, 'acme'), [])
})

t.test('a peer that submits poison is named event by event, and the thread goes on', async (t) => {
  await using world = await openWorld()
  const { net, alice, bob, thread } = world
  const globex = net.node('globex').context
  const sender = bob.id as UserId
  const { hash, wire } = forgeEvent(globex, { space: thread, sender })
  const doses = [
    { hash, wire: { ...wire, content: `${wire.content!} ` } },
    forgeEvent(globex, { space: thread, sender: alice.id as UserId }),
    { hash, wire: { ...wire, header: '{"id":' } },
  ]
  for (const dose of doses) await submit(globex, thread, [dose])
  const rows = (await exchangesOf(net.node('acme').context)).filter(
    ({ direction, peer, route }) => direction === 'in' && peer === globex.node && route.endsWith('/submit'),
  )
  t.match(rows.slice(-3), [
    { verdict: 'accepted', code: 'content-mismatch', detail: 'rejected 1' },
    { verdict: 'accepted', code: 'no-right', detail: 'rejected 1' },
    { verdict: 'refused', code: 'json-strict' },
  ])
  await world.everybodyElseGoesOn({ without: 'globex' })
  await world.everybodyElseGoesOn({ without: 'the thread' })
  t.notOk((await textsOf(alice, thread))!.includes('Forged.'))
})

t.test('a host that pushes a poisoned event is named by who receives it, and told which', async (t) => {
  await using world = await openWorld()
  const { net, bob, thread, head } = world
  const acme = net.node('acme').context
  const event = forgeEvent(acme, {
    ...{ space: thread, sender: bob.id as UserId, origin: 'globex.test' as NodeId },
  })
  const entry = forgeEntry(thread, head, event, acme.clock.now())
  await push(acme, 'initech.test', thread, [{ entry, wire: event.wire }])
  await isNamed(net, 'initech', 'acme', 'unverified-event')
  await net.clock.advance(100)
  const told = (await pushesOf(net, 0, 'initech')).filter(({ code }) => code !== null)
  t.match(told, [{ verdict: 'accepted', detail: 'rejected 1' }])
  t.strictSame(await frozenAt(net, 'initech'), [], 'one poisoned message stops nothing')
  await world.everybodyElseGoesOn({ without: 'the thread' })
})

const slow: readonly [string, number, ReturnType<typeof fault>][] = [
  ['never answers', 10_000, fault('timeout-answer', 'headers')],
  ['answers a byte a second', 30_000, fault('timeout-answer', 'too-slow')],
]

for (const [what, ms, result] of slow) {
  t.test(`a peer that ${what} is named, and nobody else waits`, async (t) => {
    await using world = await openWorld()
    const { net, alice, bob, thread } = world
    net.wire.delay(isPush, () => ms)
    const heal = net.wire.answer(isPush, () => result)
    const since = await later(net)
    await post(alice, thread, 'To whoever listens.')
    await world.everybodyElseGoesOn({ without: 'globex' })
    await net.clock.advance(2 * ms)
    await world.everybodyElseGoesOn({ without: 'globex' })
    const { reason, detail } = (result as { fault: object }).fault as { reason: string; detail: string }
    t.match((await pushesOf(net, since)).at(0), { verdict: 'failed', reason, detail })
    t.strictSame(await textsOf(bob, thread), ['Before.'])
    heal()
    await eventuallySees(net, bob, thread, 'To whoever listens.')
  })
}

function isPushOf(space: SpaceId, { method, target }: { method: string; target: string }): boolean {
  return method === 'POST' && target.endsWith(`/${space}/entries`)
}
