import t from 'tap'
import type { Explanation } from '#schema/why.ts'
import { isPush, later, problem } from '../helpers/failing.ts'
import type { Person } from '../helpers/person.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, inviteTo, post, startThread } from '../helpers/spaces.ts'
import { followerAt, hindranceAt, whyOf } from '../helpers/why.ts'

// An operator asks why: both ends of a space, by every kind of id.

t.test('a message says who has it, since when, and who does not', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { id } = await post(alice, thread, 'Taken.')
  await eventuallySees(net, bob, thread, 'Taken.')
  const there = await whyOf(alice, id, 'message')
  t.match(there, { state: 'placed', host: 'acme.test', origin: 'acme.test', sender: alice.id, seq: 6 })
  t.match(followerAt(there.followers, 'globex.test'), { ackedSeq: 6, lag: 0, hindrance: null })
  t.match(
    there.text,
    /globex\.test has acknowledged it; its newest receipt is for entry 6, of 2027-01-15 08:00/,
  )
  t.ok(there.attempts.length > 0 && there.attempts.length <= 10)

  const here = await whyOf(bob, id, 'message')
  t.match(here, { state: 'placed', host: 'acme.test', seq: 6, followers: [] })
  t.match(here.text, /Our copy of the log has it/)
})

t.test('a message that waits for its host says what keeps it', async (t) => {
  const { net, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  net.cut('acme', 'globex')
  await later(net)
  const { id } = await post(bob, thread, 'From over there.')
  await net.clock.advance(100)
  const waiting = await whyOf(bob, id, 'message')
  t.match(waiting, { state: 'sent', seq: null, hindrance: { reason: 'connect', detail: 'virtual-network' } })
  t.match(
    waiting.text,
    /It is not in the log yet.*acme\.test refuses the connection.*The next attempt is at 2027/s,
  )
  const peer = await whyOf(bob, 'acme.test', 'peer')
  t.match(peer.waiting.submissions, [{ space: thread, count: 1 }])
  const space = await whyOf(bob, thread, 'space')
  t.match(space, { isHost: false, waiting: 1, hindrance: { reason: 'connect' } })
  net.heal('acme', 'globex')
  await eventuallySees(net, bob, thread, 'From over there.')
  t.match(await whyOf(bob, id, 'message'), { state: 'placed', hindrance: null })
})

t.test('a message that its host refuses says so for as long as its author has it', async (t) => {
  const { net, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const heal = net.wire.answer(
    (_from, to) => to === 'acme.test',
    () => problem('no-right'),
  )
  const { id } = await post(bob, thread, 'Unwanted.')
  await net.clock.advance(100)
  heal()
  const why = await whyOf(bob, id, 'message')
  t.match(why, { state: 'refused', code: 'no-right', hindrance: null })
  t.match(why.text, /It is in no log: .*refused: no-right/s)
})

t.test('who was removed is told apart from who never took part, at both ends', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await later(net)
  t.match(await whyOf(alice, bob.id, 'person'), {
    isOurs: false,
    ways: [{ space: thread, through: null, role: 'poster', closedBy: null }],
  })
  net.cut('acme', 'globex')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.clock.advance(100)
  const removed = await whyOf(alice, bob.id, 'person')
  t.match(removed, {
    ways: [],
    ended: [{ space: thread, type: 'member.remove' }],
    orders: [{ space: thread, confirmedAt: null }],
  })
  t.match(
    removed.text,
    /They do not reach .*: they were removed.*not confirmed yet, the deletion not confirmed yet/s,
  )
  const space = await whyOf(alice, thread, 'space')
  t.match(space.orders, [{ node: 'globex.test', confirmedAt: null, purges: true, purgedAt: null }])
  const peer = await whyOf(alice, 'globex.test', 'peer')
  t.match(peer.waiting, { fences: 1, purges: 1 })

  net.heal('acme', 'globex')
  net.hear('acme', 'globex')
  await net.eventually('the copy is gone', async () => await isPurged(bob, thread))
  t.match((await whyOf(bob, thread, 'purged-space')).text, /is not here any more: order 1 of acme\.test/)
})

async function isPurged(person: Person, space: string): Promise<boolean> {
  const { explanations } = await person.get<{ explanations: Explanation[] }>(`/api/why/${space}`)
  return explanations.some(({ why }) => why.about === 'purged-space')
}

t.test('who was invited and is not in is told why', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const bea = await net.person('bea', 'globex')
  const other = await startThread(alice, { title: 'Another' })
  await inviteTo(net, alice, other, bea)
  const why = await whyOf(bob, bea.id, 'person')
  t.match(why, { ways: [], invitations: [{ space: other, host: 'acme.test', status: 'open' }] })
  t.match(why.text, /They were invited to .*: it waits for their answer/)
  t.notOk(JSON.stringify(why).includes(thread))
})

t.test('a lane that was asked to be quiet says until when', async (t) => {
  const { net, alice, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await later(net)
  const heal = net.wire.answer(isPush, () => problem('rate', { 'retry-after': '90' }))
  await post(alice, thread, 'Too much.')
  await net.clock.advance(100)
  heal()
  const why = await whyOf(alice, 'globex.test', 'peer')
  const lane = why.lanes.find(({ lane: name }) => name === 'log')
  t.match(lane, { verdict: 'refused', reason: 'rate-limited', detail: 'rate' })
  t.ok(Math.abs((lane?.quietUntil ?? 0) - net.clock.now - 90_000) < 1_000, 'for a minute and a half')
  t.match(
    why.lanes.find(({ lane: name }) => name === 'control'),
    { verdict: 'accepted', quietUntil: null },
  )
  t.match(why.text, /Lane log: .* was refused\. .*left alone until 2027-01-15 08:01:3/)
})

t.test('OPS-07: one instance finds the row of a refusal at both nodes', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await later(net)
  await bob.ok('POST', '/api/peers/acme.test/pause')
  await post(alice, thread, 'Refused.')
  await net.clock.advance(100)
  const { attempts } = await whyOf(alice, 'globex.test', 'peer')
  const { instance } = attempts.find(({ code }) => code === 'partner-paused')!
  const ours = await whyOf(alice, instance!, 'exchange')
  const theirs = await whyOf(bob, `urn:uuid:${instance}`, 'exchange')
  t.match(ours.exchange, { direction: 'out', peer: 'globex.test', code: 'partner-paused', instance })
  t.match(theirs.exchange, { id: instance, direction: 'in', peer: 'acme.test', code: 'partner-paused' })
  t.match(ours.text, /We sent globex\.test POST .*refused.*has paused the exchange with us.*recorded as/s)
  t.match(theirs.text, /acme\.test sent us POST /)
})

t.test('I-30: an explanation has no content, no name, no key and no token in it', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const heal = net.wire.answer(isPush, () => problem('gap'))
  const { id } = await post(alice, thread, 'Marked words')
  await net.clock.advance(100)
  heal()
  const { db } = net.node('acme').context
  const { jws } = await db.selectFrom('lease').select('jws').executeTakeFirstOrThrow()
  const { text } = await db
    .selectFrom('entry')
    .select('text')
    .where('spaceId', '=', thread)
    .executeTakeFirstOrThrow()
  for (const asked of [id, thread, 'globex.test', bob.id, alice.id]) {
    const said = JSON.stringify(await alice.get<{ explanations: Explanation[] }>(`/api/why/${asked}`))
    for (const secret of [
      'Marked words',
      'Before.',
      'Launch',
      alice.token,
      jws,
      text,
      'correct horse',
      'eyJ',
    ]) {
      t.notOk(said.includes(secret), `${asked} does not tell ${secret.slice(0, 12)}`)
    }
  }
  t.equal(hindranceAt(await whyOf(alice, id, 'message'), 'globex.test')?.reason, 'gap')
})

t.test('what is unknown is not found, whatever its shape', async (t) => {
  const { net, alice } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const unknown = [
    'nobody.test',
    'acme.test',
    `s_${'A'.repeat(43)}`,
    `u_${'a'.repeat(26)}@acme.test`,
    '01900000-0000-7000-8000-000000000000',
    'what is this',
  ]
  for (const id of unknown) {
    const { status, body } = await alice.ask('GET', `/api/why/${encodeURIComponent(id)}`)
    t.match({ status, body }, { status: 404, body: { type: 'urn:parley:problem:not-found' } }, id)
  }
})
