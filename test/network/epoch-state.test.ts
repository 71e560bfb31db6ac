import t from 'tap'
import type { Branches } from '#schema/api/branches.ts'
import type { Space } from '#schema/space.ts'
import { auditLogs } from '#server/log/audit.ts'
import { loadStates } from '#server/db/spaces.ts'
import { isGoneFor } from '../helpers/removals.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { entriesOf, eventuallySees, post, share, textsOf } from '../helpers/spaces.ts'
import { watch } from '../helpers/watch.ts'

// A log that goes on from an earlier entry: what its state is then, and who notices.

t.test(
  'EQV-07: what a log said beyond the chosen entry is undone, and open views are read anew',
  async (t) => {
    await using world = await sharedThread()
    const { net, alice, bob, thread } = world
    const dora = await net.person('dora', 'acme')
    const bea = await net.person('bea', 'globex')
    await share(net, alice, thread, bea)
    const { head } = await alice.get<Branches>(`/api/spaces/${thread}/branches`)
    const { db } = net.node('acme').context
    const before = (await loadStates(db, [thread])).get(thread)!

    await alice.ok('POST', `/api/spaces/${thread}/members`, { handle: 'dora', role: 'member' })
    await post(dora, thread, 'Dora was here.')
    await alice.ok('DELETE', `/api/spaces/${thread}/members/${encodeURIComponent(bob.id)}`)
    await net.eventually('bob is out', async () => await isGoneFor(bob, thread))
    await alice.ok('PUT', `/api/spaces/${thread}/frozen`, { frozen: true })
    await net.clock.advance(10_000)
    const last = (await entriesOf(alice, thread)).at(-1)!.seq
    await using stack = new AsyncDisposableStack()
    const view = await watch(net.node('acme'), alice.token)
    stack.defer(() => view.close())
    view.ask({ type: 'subscribe', space: thread, after: last })
    await net.clock.settle()

    await alice.ok('POST', `/api/spaces/${thread}/epoch`, { seq: head.seq, hash: head.hash })
    await net.clock.settle()
    t.match(view.frames.at(-1), { type: 'ended', space: thread, code: 'log-cut' })
    t.strictSame(await textsOf(alice, thread), ['Before.'])
    t.equal(await isGoneFor(dora, thread), true, 'who came later never came')
    const after = (await loadStates(db, [thread])).get(thread)!
    t.strictSame(after.settings, before.settings)
    const space = await alice.get<Space>(`/api/spaces/${thread}`)
    t.equal(space.repliesOff, false)
    t.notOk(after.members.has(bob.id as never), 'an order that is out is not taken back by the cut')
    t.strictSame(
      (await entriesOf(alice, thread)).slice(-2).map(({ type }) => type),
      ['space.reanchor', 'member.remove'],
    )
    t.strictSame((await auditLogs(db)).damages, [])
    const page = await alice.get<{ cuts: number }>(`/api/spaces/${thread}/entries?limit=1`)
    t.equal(page.cuts, 1)

    // The other company holds more than that, so it is asked; and then has the same state as the host.
    await post(alice, thread, 'And on.')
    await net.eventually('globex is asked', async () => {
      return (
        ((await bob.get<Branches>(`/api/spaces/${thread}/branches`).catch(() => undefined))?.offered ??
          null) !== null
      )
    })
    const word = { epoch: 2, hash: head.hash }
    t.strictSame(await bob.ok('PUT', `/api/spaces/${thread}/epoch`, word), { epoch: 2, taken: true })
    await eventuallySees(net, bea, thread, 'And on.')
    t.equal(await isGoneFor(bob, thread), true)
  },
)
