import t from 'tap'
import { entriesOf, eventuallySees, post, share, startGroup, textsOf } from '../helpers/spaces.ts'
import { beginningOf, sharedGroup, start } from '../helpers/starting.ts'

// A thread is started by somebody of another company in a group that they are in: its host is the group's (A15).

t.test(
  'SUB-54: a thread started from elsewhere goes to its host with its first post, and comes back',
  async (t) => {
    await using world = await sharedGroup()
    const { net, alice, bob, group } = world
    net.cut('acme', 'globex')
    const thread = await start(bob, [group])
    t.match(thread, { kind: 'thread', host: 'acme.test', title: 'Delivery', headSeq: 0, fromSeq: 1 })
    t.match(thread.beginning, { code: null })
    const { pending } = await bob.get<{ pending: { type: string }[] }>(`/api/spaces/${thread.id}/entries`)
    t.strictSame(
      pending.map(({ type }) => type),
      ['space.create', 'msg.post'],
    )
    t.equal((await post(bob, thread.id, 'And where?')).state, 'queued', 'it can be written in meanwhile')
    t.strictSame(await textsOf(alice, thread.id), undefined, 'nobody else has it')

    net.heal('acme', 'globex')
    net.hear('globex', 'acme')
    await eventuallySees(net, alice, thread.id, 'And where?')
    await eventuallySees(net, bob, thread.id, 'And where?')
    t.equal(await beginningOf(bob, thread.id), null, 'what was pending has become the real one')
    const submissions = net.wire
      .heardBy('acme.test')
      .filter(({ target, status }) => target.endsWith(`${thread.id}/submit`) && status === 200)
    t.equal(submissions.length, 1, 'in one submission')
    for (const person of [alice, bob]) {
      const entries = await entriesOf(person, thread.id)
      t.strictSame(
        entries.map(({ seq, type, standing, sender }) => [seq, type, standing, sender]),
        [
          [1, 'space.create', 'verified', bob.id],
          [2, 'msg.post', 'verified', bob.id],
          [3, 'msg.post', 'verified', bob.id],
        ],
      )
      t.match(await person.get(`/api/spaces/${thread.id}`), { host: 'acme.test', starter: { id: bob.id } })
    }
    await post(alice, thread.id, 'On Friday.')
    await eventuallySees(net, bob, thread.id, 'On Friday.')
    const { db } = net.node('globex').context
    t.strictSame(await db.selectFrom('pending').selectAll().execute(), [])
    t.strictSame(await db.selectFrom('promise').selectAll().execute(), [], 'and the promises were kept')
  },
)
