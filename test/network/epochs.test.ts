import t from 'tap'
import type { Branches } from '#schema/api/branches.ts'
import type { SpaceId } from '#schema/ids.ts'
import { damaged, findSpace } from '#server/db/spaces.ts'
import { restartCursor } from '#server/db/cursors.ts'
import { alone } from '#server/db/open.ts'
import type { Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { choose, headOf, take } from '../helpers/branching.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'
import { watch } from '../helpers/watch.ts'
import { isFrozen, kindsAt, tell, threeInAThread, type World } from '../helpers/two-faced.ts'

// A space that goes on after a fork: who chooses, who follows, and what becomes of the other branch.

const branches = async (person: Person, space: SpaceId): Promise<Branches> =>
  await person.get<Branches>(`/api/spaces/${space}/branches`)

/** globex and initech hold different entries behind `Before.`, and everybody knows it. */
async function forked(world: World): Promise<void> {
  const { net, space, head } = world
  const one = await tell(world, 'globex', { after: head, text: 'To globex.' })
  const other = await tell(world, 'initech', { after: head, text: 'To initech.' })
  await tell(world, 'globex', { after: one.head, text: 'And on.', cosigs: [other.receipt] })
  for (const node of ['acme', 'globex', 'initech'])
    await net.eventually(`${node} has stopped`, async () => await isFrozen(net, node, space))
}

/** The host offers its epoch anew to a node that it has left alone for a while. */
async function offerAgain(net: Network, space: SpaceId, node: string): Promise<void> {
  const { db, wake } = net.node('acme').context
  await db.updateTable('cursor').set({ nextAttemptAt: 0 }).where('spaceId', '=', space).execute()
  await restartCursor(alone(db), space, `${node}.test` as never)
  wake.signal('logs')
}

const offeredTo = async (net: Network, person: Person, space: SpaceId, node: string) => {
  await offerAgain(net, space, node)
  await net.eventually(`${node} is offered the epoch`, async () => {
    return (await branches(person, space)).offered !== null
  })
  return (await branches(person, space)).offered!
}

t.test(
  'EQV-07: an administrator chooses a branch: a new epoch, and the other branch is kept for audit',
  async (t) => {
    const world = await threeInAThread()
    const { net, alice, bob, carol, space } = world
    t.teardown(async () => await net[Symbol.asyncDispose]())
    await forked(world)
    const before = await branches(alice, space)
    t.equal(before.frozen, 'equivocation')
    const held = new Map(before.held.map(({ node, head }) => [node as string, head!]))
    const { seq, hash } = held.get('globex.test')!
    const refused = await bob.ask('POST', `/api/spaces/${space}/epoch`, { seq, hash })
    t.match(refused, { status: 404 }, 'only the host begins an epoch')
    const stale = await alice.ask('POST', `/api/spaces/${space}/epoch`, { seq, hash })
    t.match(stale, { status: 409, body: { type: /log-moved/ } }, 'what the host does not hold itself')
    const choice = { seq, hash, from: 'globex.test' }
    // As by two processes, which have both read what an operator has decided.
    const chosen = await Promise.all([choose(alice, space, choice), choose(alice, space, choice)])
    t.match(chosen, [
      { status: 200, body: { epoch: 2 } },
      { status: 200, body: { epoch: 2 } },
    ])
    t.equal(await isFrozen(net, 'acme', space), false)
    t.strictSame(await textsOf(alice, space), ['Before.', 'To globex.', 'And on.'])
    await post(alice, space, 'In the second epoch.')
    t.match(await choose(alice, space, choice), { status: 200, body: { epoch: 2 } }, 'asked again')
    t.match(await choose(alice, space, { seq, hash }), { status: 200, body: { epoch: 2 } }, 'and as ours')

    // Both have evidence: neither follows without the word of its own administrator.
    const atGlobex = await offeredTo(net, bob, space, 'globex')
    const atInitech = await offeredTo(net, carol, space, 'initech')
    t.match(atGlobex, { epoch: 2, seq, hash })
    t.match(atInitech, { epoch: 2, seq, hash })
    t.strictSame(await textsOf(carol, space), ['Before.', 'To initech.'])
    for (const [person, name] of [
      [bob, 'globex'],
      [carol, 'initech'],
    ] as const) {
      const word = { epoch: 2, hash }
      const taken = { status: 200, body: { epoch: 2, taken: true } }
      const both = await Promise.all([take(person, space, word), take(person, space, word)])
      t.match(both, [taken, taken])
      t.match(await take(person, space, word), taken, 'asked again')
      t.strictSame(await textsOf(person, space), ['Before.', 'To globex.', 'And on.', 'In the second epoch.'])
      t.equal(await isFrozen(net, name, space), false)
    }
    // Nothing of the other branch is lost, and none of it is history.
    const { aside } = await branches(carol, space)
    t.match(aside, [{ epoch: 1, first: world.head.seq + 1, last: world.head.seq + 1 }])
    const { entries } = await carol.get<{ entries: { content: string }[] }>(
      `/api/spaces/${space}/branches/${aside[0]!.cutAt}`,
    )
    t.match(entries, [{ epoch: 1, content: /To initech/, header: String }])
    t.strictSame((await branches(bob, space)).aside, [], 'globex held the chosen branch')
    for (const node of ['acme', 'globex', 'initech']) {
      t.ok((await kindsAt(net, node)).includes('new-epoch acme.test'), `${node} is told`)
      t.equal((await findSpace(net.node(node).context.db, space))!.epoch, 2)
    }
    const acts = async (node: string) =>
      (await net.node(node).context.db.selectFrom('audit').select('act').execute()).map(({ act }) => act)
    t.strictSame(
      (await acts('acme')).filter((act) => act.startsWith('space.')),
      ['space.chooseBranch'],
    )
    t.strictSame(
      (await acts('initech')).filter((act) => act.startsWith('space.')),
      ['space.takeEpoch'],
    )
    // And it is a space as any other.
    await post(carol, space, 'From initech.')
    await eventuallySees(net, bob, space, 'From initech.')
  },
)

t.test('O13: of a log that was damaged no epoch begins', async (t) => {
  await using world = await sharedThread()
  const { net, alice, thread } = world
  const head = await headOf(alice, thread)
  const { db } = net.node('acme').context
  await db.updateTable('space').set({ frozen: damaged }).where('id', '=', thread).execute()
  const refused = await choose(alice, thread, head)
  t.match(refused, { status: 409, body: { type: 'urn:parley:problem:log-moved' } })
})

t.test('EQV-07: an epoch that cuts nothing off is read by open views as any entry', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  const head = await headOf(alice, thread)
  await using stack = new AsyncDisposableStack()
  const view = await watch(net.node('acme'), alice.token)
  stack.defer(() => view.close())
  view.ask({ type: 'subscribe', space: thread, after: head.seq })
  await net.clock.settle()
  t.match(await choose(alice, thread, head), { status: 200, body: { epoch: 2 } })
  await net.clock.settle()
  const entries = [{ seq: head.seq + 1, type: 'space.reanchor' }]
  t.match(view.frames.at(-1), { type: 'entries', space: thread, entries })
  await net.eventually(
    'globex follows at once',
    async () => (await headOf(bob, thread)).seq === head.seq + 1,
    2_000,
  )
})
