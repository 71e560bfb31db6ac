import t, { type Test } from 'tap'
import { readJws } from '#federation/strict-jws.ts'
import { limits } from '#schema/limits.ts'
import type { BatchAnswer, Receipt } from '#schema/wire/log.ts'
import { branchesOf, choose, headOf, offeredTo, take } from '../helpers/branching.ts'
import type { Person } from '../helpers/person.ts'
import { type SharedThread, sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'
import { tell } from '../helpers/two-faced.ts'

// A follower that has more to take in than fits into one request before the epoch begins.

const hour = 60 * 60_000

/** So many messages that two pages are needed. */
async function writeMuch(person: Person, space: string): Promise<void> {
  for (let n = 0; n < limits.pushEntriesMax + 20; n += 20)
    await Promise.all(Array.from({ length: 20 }, async (_, i) => await post(person, space, `No. ${n + i}.`)))
}

async function begin(t: Test, person: Person, space: string): Promise<void> {
  t.match(await choose(person, space, await headOf(person, space)), { status: 200 })
}

t.test('EQV-07: who holds the same follows page by page, however far it is behind', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  net.cut('acme', 'globex')
  await writeMuch(alice, thread)
  await begin(t, alice, thread)
  await post(alice, thread, 'In the second epoch.')
  net.heal('acme', 'globex')
  net.hear('acme', 'globex')
  const { hash } = await headOf(alice, thread)
  await net.eventually('globex is there', async () => (await headOf(bob, thread)).hash === hash)
  t.match(await branchesOf(bob, thread), { frozen: null, head: { epoch: 2 }, aside: [] })
})

t.test('EQV-07: a follower finds an epoch by itself that it is never pushed', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  const place = await headOf(alice, thread)
  await post(alice, thread, 'Cut off.')
  await eventuallySees(net, bob, thread, 'Cut off.')
  net.wire.lose((from, _, { method, target }) => {
    return from === 'acme.test' && method === 'POST' && target.includes('/entries')
  })
  t.match(await choose(alice, thread, place), { status: 200, body: { epoch: 2 } })
  await net.clock.leap(hour)
  t.match(await offeredTo(net, bob, thread), { ...place, epoch: 2 })
})

/** globex holds another word than acme, and has stopped; acme has gone on for pages, and begins an epoch. */
async function farApart(t: Test): Promise<SharedThread> {
  // What acme pushes to globex is not in its own log.
  const world = await sharedThread({ except: ['I-06', 'I-16'] })
  const { net, alice, bob, thread: space } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { head } = await branchesOf(alice, space)
  const liar = { net, alice, bob, carol: bob, space, head }
  await tell(liar, 'globex', { after: head, text: 'Another word.' })
  net.cut('acme', 'globex')
  await writeMuch(alice, space)
  net.heal('acme', 'globex')
  net.hear('acme', 'globex')
  for (const person of [alice, bob])
    await net.eventually('both have stopped', async () => (await branchesOf(person, space)).frozen !== null)
  await begin(t, alice, space)
  await post(alice, space, 'In the second epoch.')
  // Heads are compared once an hour.
  await net.clock.leap(hour)
  return world
}

t.test('EQV-07: a frozen follower finds the epoch that begins pages behind its head', async (t) => {
  const { net, alice, bob, thread } = await farApart(t)
  const offered = await offeredTo(net, bob, thread)
  t.equal(offered.epoch, 2)
  t.strictSame(await textsOf(bob, thread), ['Before.', 'Another word.'])
  t.match(await take(bob, thread, offered), { status: 200, body: { epoch: 2, taken: true } })
  t.strictSame(await headOf(bob, thread), await headOf(alice, thread))
  t.match((await branchesOf(bob, thread)).aside, [{ epoch: 1 }])
  const { seq } = await headOf(alice, thread)
  await post(bob, thread, 'And on.')
  await net.eventually('acme has it', async () => (await headOf(alice, thread)).seq === seq + 1)
})

t.test('[R16] on the way to the epoch nothing is cosigned, and another epoch is another offer', async (t) => {
  const { net, bob, thread } = await farApart(t)
  const offered = await offeredTo(net, bob, thread)
  // What was agreed to has to be pushed.
  const stop = net.wire.lose(
    (_, to, { method, target }) =>
      to === 'acme.test' && method === 'GET' && /entries\?after=\d+$/.test(target),
  )
  const before = net.wire.sightings.length
  t.match(await take(bob, thread, offered), { status: 200, body: { epoch: 1, taken: false } })
  t.match(await take(bob, thread, offered), { status: 200, body: { epoch: 1, taken: false } }, 'asked again')
  t.strictSame(await textsOf(bob, thread), ['Before.'])
  await net.clock.leap(hour)
  await net.eventually('globex is in the epoch', async () => (await branchesOf(bob, thread)).frozen === null)
  const receipts = net.wire.sightings
    .slice(before)
    .flatMap(({ to, method, target, status, answer }): Partial<Receipt>[] => {
      const isPush = to === 'globex.test' && method === 'POST' && target.includes(`${thread}/entries`)
      if (!isPush || status !== 200) return []
      const jws = readJws((JSON.parse(answer) as BatchAnswer).receipt, 'parley-receipt+jws', 4096)
      return jws.ok ? [jws.value.payload] : []
    })
  t.match(
    receipts.map(({ epoch, kept }) => [epoch, kept?.epoch]),
    [
      [1, undefined],
      [2, 2],
    ],
  )
  stop()
})

t.test('[R16] what was agreed to is one epoch, and no later one', async (t) => {
  const { net, alice, bob, thread } = await farApart(t)
  const offered = await offeredTo(net, bob, thread)
  const stop = net.wire.lose((from, to, { method, target }) => {
    const isPull = to === 'acme.test' && method === 'GET' && /entries\?after=\d+$/.test(target)
    return isPull || (from === 'acme.test' && target.includes('/entries'))
  })
  t.match(await take(bob, thread, offered), { status: 200, body: { epoch: 1, taken: false } })
  const { seq, hash } = (await branchesOf(bob, thread)).head
  t.match(await choose(alice, thread, { seq, hash }), { status: 200, body: { epoch: 3 } })
  await post(alice, thread, 'In the third epoch.')
  stop()
  await net.clock.leap(hour)
  await net.eventually('globex is offered the third', async () => {
    return (await branchesOf(bob, thread)).offered?.epoch === 3
  })
  t.strictSame(await textsOf(bob, thread), ['Before.'], 'nothing is taken by itself')
  const third = (await branchesOf(bob, thread)).offered!
  t.match(third, { epoch: 3, seq, hash })
  t.match(await take(bob, thread, offered), { status: 409 })
  t.match(await take(bob, thread, third), { status: 200, body: { epoch: 3, taken: true } })
  t.strictSame(await textsOf(bob, thread), ['Before.', 'In the third epoch.'])
})
