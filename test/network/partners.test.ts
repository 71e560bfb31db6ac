import t from 'tap'
import type { InviteId, SpaceId } from '#schema/ids.ts'
import type { Person } from '../helpers/person.ts'
import { actsAt, isGoneFor, sharedWithTwo } from '../helpers/removals.ts'
import { eventuallySees, inviteTo, post, share, startThread, textsOf } from '../helpers/spaces.ts'

t.test('a paused partner gets nothing but removals, and everything when it is resumed', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, bea, thread } = world
  await alice.ok('POST', '/api/peers/globex.test/pause')
  await post(alice, thread, 'Later.')
  await post(bob, thread, 'From globex.')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.eventually('bob is out', async () => await isGoneFor(bob, thread), 5_000)
  await net.clock.advance(30_000)
  t.strictSame(await textsOf(bea, thread), ['Before.'])
  t.strictSame(await textsOf(alice, thread), ['Before.', 'Later.'])
  await alice.ok('POST', '/api/peers/globex.test/resume')
  net.hear('globex', 'acme')
  await eventuallySees(net, bea, thread, 'Later.')
  t.match(await actsAt(net, 'acme'), ['peer.introduce', 'peer.pause', 'peer.resume'])
})

t.test(
  'OPS-02: a blocked partner is refused and fenced, and gets everything back when it is unblocked',
  async (t) => {
    await using world = await sharedWithTwo()
    const { net, alice, bob, thread } = world
    const shared = await alice.get<{ hosted: { id: string }[]; theirPeople: number }>(
      '/api/peers/globex.test/shared',
    )
    t.match(shared, { hosted: [{ id: thread }], theirPeople: 2 })
    await alice.ok('POST', '/api/peers/globex.test/block')
    await net.eventually('bob is out', async () => await isGoneFor(bob, thread), 5_000)
    await post(alice, thread, 'While they are blocked.')
    await net.clock.advance(30_000)
    const heard = net.wire.heardBy('globex.test').some(({ body }) => body.includes('While they are blocked.'))
    t.notOk(heard, 'and nothing is sent to them')
    const { db } = net.node('globex').context
    t.ok((await db.selectFrom('content').select('seq').execute()).length > 0, 'nothing is deleted')
    t.ok(
      net.wire.heardBy('acme.test').every(({ status, target }) => status !== undefined && target !== ''),
      'every request of theirs is answered',
    )
    await alice.ok('POST', '/api/peers/globex.test/unblock')
    net.hear('globex', 'acme')
    await eventuallySees(net, bob, thread, 'While they are blocked.')
    await post(bob, thread, 'Back.')
    await eventuallySees(net, alice, thread, 'Back.')
  },
)

t.test(
  'a partnership ends on both sides: nobody of the other reads on, and both delete their copies',
  async (t) => {
    await using world = await sharedWithTwo()
    const { net, alice, bob, thread } = world
    const theirs = await startThread(bob, { title: 'Hosted by globex' })
    await share(net, bob, theirs, alice)
    await post(bob, theirs, 'From globex.')
    await eventuallySees(net, alice, theirs, 'From globex.')
    await alice.ok('POST', '/api/peers/globex.test/end')
    t.ok(await isGoneFor(alice, theirs), 'our own people at once')
    await net.eventually('bob is out', async () => await isGoneFor(bob, thread), 5_000)
    for (const [name, space] of [
      ['globex', thread],
      ['acme', theirs],
    ] as const) {
      const { db } = net.node(name).context
      await net.eventually(`${name} has deleted its copy`, async () => {
        const rows = await db.selectFrom('tombstone').select('spaceId').execute()
        return rows.some((row) => row.spaceId === (space as SpaceId))
      })
    }
    const stateAt = async (person: Person): Promise<unknown> =>
      (await person.get<{ peers: { state: string }[] }>('/api/peers')).peers[0]?.state
    await net.eventually('both say that it has ended', async () => {
      return (await stateAt(alice)) === 'ended' && (await stateAt(bob)) === 'ended'
    })
    t.match(await textsOf(alice, thread), ['Before.'], 'what is our own stays')
    t.ok((await actsAt(net, 'globex')).includes('peer.endedByThem'))
    // And it may begin again.
    await net.befriend('acme', 'globex')
  },
)

t.test(
  'invitations that were open when a partnership ended do not come alive with the next one',
  async (t) => {
    await using world = await sharedWithTwo()
    const { net, alice, bob } = world
    const cleo = await net.person('cleo', 'globex')
    const amy = await net.person('amy', 'acme')
    const ours = await startThread(alice, { title: 'Hosted by acme' })
    const theirs = await startThread(bob, { title: 'Hosted by globex' })
    const toCleo = await inviteTo(net, alice, ours, cleo)
    const toAmy = await inviteTo(net, bob, theirs, amy)
    const openOf = async (person: Person): Promise<string[]> =>
      (await person.get<{ invitations: { id: string }[] }>('/api/invitations')).invitations.map(
        ({ id }) => id,
      )
    await alice.ok('POST', '/api/peers/globex.test/end')
    await net.eventually('nobody is invited any more', async () => {
      return (await openOf(cleo)).length === 0 && (await openOf(amy)).length === 0
    })
    await net.befriend('acme', 'globex')
    await net.clock.advance(60_000)
    for (const [person, id] of [
      [cleo, toCleo],
      [amy, toAmy],
    ] as const) {
      t.strictSame(await openOf(person), [])
      t.match(await person.ask('POST', `/api/invitations/${id}/accept`), {
        status: 410,
        body: { type: /invite-/ },
      })
    }
    for (const name of ['acme', 'globex']) {
      const { db } = net.node(name).context
      const statuses = await db
        .selectFrom('invite')
        .select('status')
        .where('jti', 'in', [toCleo, toAmy] as InviteId[])
        .execute()
      t.strictSame(statuses, [{ status: 'revoked' }, { status: 'revoked' }], name)
      const open = await db.selectFrom('invited').select('jti').where('endSeq', 'is', null).execute()
      t.strictSame(open, [], `and no log of ${name} has one open`)
    }
  },
)
