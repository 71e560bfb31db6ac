import t from 'tap'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { findSpace } from '#server/db/spaces.ts'
import { openLog } from '#server/log/log.ts'
import { openWake } from '#server/ports/wake.ts'
import { fault, isPush, isToGlobex, later, pushesOf } from '../helpers/failing.ts'
import { forgeEvent, intentOf, submit } from '../helpers/forge.ts'
import { hiccups } from '../helpers/hiccups.ts'
import type { Network } from '../helpers/network.ts'
import { isGoneFor } from '../helpers/removals.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { entriesOf, eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'

// What is sent once more, because nobody knows whether it arrived: it is there once, and nobody is told otherwise.

const day = 24 * 60 * 60_000
/** How many entries a follower may lack and is still pushed at (§9.3). */
const lackedMax = 10_000

const statusesOf = (answer: Awaited<ReturnType<typeof submit>>): string[] =>
  answer.ok ? answer.value.results.map(({ status }) => status) : [JSON.stringify(answer)]

t.test('SUB-51: what was accepted is a duplicate also when it has expired meanwhile', async (t) => {
  const { net, alice, bob, thread: space } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const sender = bob.id as UserId
  const event = forgeEvent(globex, { space, sender })
  t.strictSame(statusesOf(await submit(globex, space, [event])), ['accepted'])
  const late = forgeEvent(globex, { space, sender })
  await net.clock.leap(limits.eventLifeMs + 60_000)
  net.hear('acme', 'globex')
  net.hear('globex', 'acme')
  t.strictSame(statusesOf(await submit(globex, space, [event])), ['duplicate'])
  t.strictSame(statusesOf(await submit(globex, space, [late])), ['rejected'], 'what had not come is too late')
  t.strictSame(await textsOf(alice, space), ['Before.', 'Forged.'])
})

t.test(
  'SUB-51: what was accepted is a duplicate also when nobody vouches for its author any more',
  async (t) => {
    const { net, alice, bob, thread: space } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const globex = net.node('globex').context
    const event = forgeEvent(globex, { space, sender: bob.id as UserId })
    t.strictSame(statusesOf(await submit(globex, space, [event])), ['accepted'])
    await net
      .node('acme')
      .context.db.updateTable('identity')
      .set({ expiresAt: net.clock.now - limits.identityGraceMs - 1 })
      .where('userId', '=', bob.id as UserId)
      .execute()
    const other = forgeEvent(globex, { space, sender: bob.id as UserId })
    t.strictSame(statusesOf(await submit(globex, space, [event, other])), ['duplicate', 'rejected'])
    t.strictSame(await textsOf(alice, space), ['Before.', 'Forged.'])
  },
)

t.test(
  'SUB-53: what was accepted is a duplicate also when administrators close the space meanwhile',
  async (t) => {
    const { net, alice, bob, thread: space } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const globex = net.node('globex').context
    const event = forgeEvent(globex, { space, sender: bob.id as UserId })
    t.strictSame(statusesOf(await submit(globex, space, [event])), ['accepted'])
    await alice.ok('PUT', `/api/spaces/${space}/frozen`, { frozen: true })
    const other = forgeEvent(globex, { space, sender: bob.id as UserId })
    t.strictSame(statusesOf(await submit(globex, space, [event, other])), ['duplicate', 'rejected'])
    t.strictSame(await textsOf(alice, space), ['Before.', 'Forged.'])
  },
)

t.test('SUB-53: what was accepted is a duplicate also when the space is frozen meanwhile', async (t) => {
  const { net, alice, bob, thread: space } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  const event = forgeEvent(globex, { space, sender: bob.id as UserId })
  t.strictSame(statusesOf(await submit(globex, space, [event])), ['accepted'])
  const { db } = net.node('acme').context
  await db.updateTable('space').set({ frozen: 'equivocation' }).where('id', '=', space).execute()
  const other = forgeEvent(globex, { space, sender: bob.id as UserId })
  t.strictSame(statusesOf(await submit(globex, space, [event, other])), ['duplicate', 'rejected'])
  t.strictSame(await textsOf(alice, space), ['Before.', 'Forged.'])
})

t.test('SUB-17: the order of an author is kept when two of their node submit at once', async (t) => {
  const { net, alice, bob, thread: space } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  net.cut('acme', 'globex')
  const texts = Array.from({ length: 30 }, (_, i) => `Number ${i}.`)
  for (const text of texts) await post(bob, space, text)
  // As by a second process that has looked at the same rows: each request arrives twice, and they overtake each other.
  const isSubmission: Parameters<typeof net.wire.duplicate>[0] = (from, _to, { target }) =>
    from === 'globex.test' && target.endsWith('/submit')
  let turn = 0
  const quick = net.wire.delay(isSubmission, () => [900, 20, 400, 5][turn++ % 4]!)
  const once = net.wire.duplicate(isSubmission)
  net.heal('acme', 'globex')
  await eventuallySees(net, alice, space, texts.at(-1)!)
  quick()
  once()
  await net.clock.advance(30_000)
  t.strictSame(await textsOf(alice, space), ['Before.', ...texts])
  t.strictSame(await textsOf(bob, space), ['Before.', ...texts])
})

t.test('SUB-17: nothing overtakes what the host could not write at once', async (t) => {
  const database = hiccups()
  const { net, alice, bob, thread: space } = await sharedThread({ client: database.client })
  t.teardown(async () => await net[Symbol.asyncDispose]())
  net.cut('acme', 'globex')
  const texts = ['One.', 'Two.', 'Three.']
  for (const text of texts) await post(bob, space, text)
  // The first goes into a transaction of its own, and the others are what has queued meanwhile.
  database.fail(/insert into entry/, { after: 0, times: 1 })
  net.heal('acme', 'globex')
  await eventuallySees(net, alice, space, 'Three.')
  await eventuallySees(net, alice, space, 'One.')
  t.strictSame(await textsOf(alice, space), ['Before.', ...texts])
})

t.test(
  'FAN-03: a host that dies between a push and its receipt sends it again, and it is there once',
  async (t) => {
    const database = hiccups()
    const { net, alice, bob, thread: space } = await sharedThread({ client: database.client })
    t.teardown(async () => await net[Symbol.asyncDispose]())
    // The receipt comes, and the disk has no room for it.
    database.fail(/insert into receipt|update "?cursor/, { after: 0, times: 20 })
    await post(alice, space, 'Sent, and not noted.')
    await eventuallySees(net, bob, space, 'Sent, and not noted.')
    const before = await ackedBy(net, space)
    await net.crash('acme')
    database.fail(/^$/, { after: 0, times: 0 })
    const since = net.wire.sightings.length
    await net.restart('acme')
    await net.eventually('the receipt is noted', async () => (await ackedBy(net, space)) > before, 30_000)
    const again = net.wire.sightings.slice(since).filter(({ method, target, body }) => {
      return method === 'POST' && target.endsWith('/entries') && body.includes('Sent, and not noted.')
    })
    t.ok(again.length > 0, 'it went out once more')
    t.strictSame(await textsOf(bob, space), ['Before.', 'Sent, and not noted.'])
    const seqs = (await entriesOf(bob, space)).map(({ seq }) => seq)
    t.equal(new Set(seqs).size, seqs.length)
  },
)

async function ackedBy(net: Network, space: SpaceId): Promise<number> {
  const { db } = net.node('acme').context
  const row = await db.selectFrom('cursor').select('ackedSeq').where('spaceId', '=', space).executeTakeFirst()
  return row?.ackedSeq ?? 0
}

t.test('FAN-13: a wake-up and a push that are both lost are made up for within ten seconds', async (t) => {
  const { net, alice, bob, thread: space } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { wake } = net.node('acme').context
  const heal = net.wire.answer(isPush, () => fault('connect', 'econnreset'))
  // Nor does the follower ask by itself.
  const mute = net.wire.lose((from) => from === 'globex.test')
  await post(alice, space, 'Pushed into nothing.')
  await net.clock.advance(50)
  heal()
  const { signal } = wake
  Object.assign(wake, { signal: () => undefined })
  await post(alice, space, 'Nobody was woken for this.')
  const arrives = async (): Promise<boolean> => (await textsOf(bob, space))!.length === 3
  await net.eventually('both are there', arrives, 10_000)
  mute()
  Object.assign(wake, { signal })
})

t.test(
  'FAN-13: what another process has committed is found by the sweep, and nobody tells of it',
  async (t) => {
    const { net, alice, bob, thread: space } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const { context } = net.node('acme')
    // Nor does the follower ask by itself.
    const mute = net.wire.lose((from) => from === 'globex.test')
    const elsewhere = openLog({ ...context, wake: openWake() })
    const event = forgeEvent(context, { space, sender: alice.id as UserId })
    const settled = await elsewhere.append(intentOf(context, space, [event]))
    t.equal(settled.status, 'accepted')
    const arrives = async (): Promise<boolean> => (await textsOf(bob, space))!.includes('Forged.')
    await net.eventually('it is there', arrives, 10_000)
    mute()
  },
)

t.test(
  'FAN-14: the company of somebody who was removed last gets what was before, and nothing after',
  async (t) => {
    const { net, alice, bob, thread: space } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    await post(alice, space, 'Until the end.')
    await alice.ok('DELETE', `/api/spaces/${space}/members/${bob.id}`)
    await post(alice, space, 'Among us again.')
    await net.eventually('bob is out', async () => await isGoneFor(bob, space), 5_000)
    await net.clock.advance(2 * 60_000)
    t.notOk(net.wire.heardBy('globex.test').some(({ body }) => body.includes('Among us again.')))
    const { headSeq } = (await findSpace(net.node('acme').context.db, space))!
    t.ok((await ackedBy(net, space)) < headSeq)
  },
)

t.test(
  'FAN-05: a follower that was away for three days hears of removals first, pulls the rest, and was left in peace',
  async (t) => {
    const { net, alice, bob, thread: space } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const other = await startThread(alice, { title: 'Another' })
    await share(net, alice, other, bob)
    await net.crash('globex')
    const asked: number[] = []
    const heal = net.wire.answer(isToGlobex, () => {
      asked.push(net.clock.now)
      return fault('connect', 'econnrefused')
    })
    await writeMany(net, space, alice.id as UserId, lackedMax + 100)
    await alice.ok('DELETE', `/api/spaces/${other}/members/${bob.id}`)
    await net.clock.advance(4 * 60_000)
    const from = net.clock.now
    await net.clock.advance(5 * 60_000)
    t.ok(asked.filter((at) => at > from).length <= 5, 'one probe a minute at the most')
    await net.clock.leap(3 * day)
    const since = await later(net)
    const first = net.wire.sightings.length
    heal()
    await net.restart('globex')
    const { headSeq } = (await findSpace(net.node('acme').context.db, space))!
    await net.eventually('globex has all of it', async () => {
      return (await findSpace(net.node('globex').context.db, space))!.headSeq === headSeq
    })
    t.equal(await isGoneFor(bob, other), true)
    const sent = net.wire.sightings.slice(first)
    const placeOf = (method: string, end: string): number =>
      sent.findIndex((one) => one.from === 'acme.test' && one.method === method && one.target.endsWith(end))
    const fence = placeOf('POST', '/v1/fences')
    const push = placeOf('POST', '/entries')
    t.ok(fence !== -1 && (push === -1 || fence < push), 'removals come before the log')
    t.ok((await pushesOf(net, since)).length <= 3, 'the log is not pushed')
    const pulls = sent.filter(({ from, method, target }) => {
      return from === 'globex.test' && method === 'GET' && target.includes('/entries?')
    })
    t.ok(pulls.length >= lackedMax / limits.pullEntriesMax, 'but fetched')

    // As after a restore of the host: it no longer knows what was confirmed, and nothing is lacking.
    const acme = net.node('acme').context
    await acme.db
      .updateTable('cursor')
      .set({ ackedSeq: 1, ackedHash: null })
      .where('spaceId', '=', space)
      .execute()
    await net.eventually('it is confirmed anew', async () => (await ackedBy(net, space)) === headSeq)
    t.ok((await pushesOf(net, since)).length <= 4, 'by the last entry alone')
  },
)

/** As much as a busy company writes in three days, without asking for each of it. */
async function writeMany(net: Network, space: SpaceId, sender: UserId, count: number): Promise<void> {
  const { context } = net.node('acme')
  for (let written = 0; written < count; written += 500) {
    const events = Array.from({ length: 500 }, () => forgeEvent(context, { space, sender }))
    const settled = await context.log.append(intentOf(context, space, events))
    t.equal(settled.status, 'accepted')
  }
}
