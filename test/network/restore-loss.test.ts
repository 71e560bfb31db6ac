import { spawn } from 'node:child_process'
import t, { type Test } from 'tap'
import type { Branches } from '#schema/api/branches.ts'
import type { Person } from '../helpers/person.ts'
import { actsAt, sharedWithTwo } from '../helpers/removals.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'
import { kindsAt } from '../helpers/two-faced.ts'

/** The operator's command, on a node's database. */
async function parley(
  url: string,
  ...args: string[]
): Promise<{ code: number | null; out: string; complaint: string }> {
  const program = new URL('../../scripts/parley.mjs', import.meta.url).pathname
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url },
  })
  let [out, complaint] = ['', '']
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, complaint }
}

type Lost = Awaited<ReturnType<typeof sharedWithTwo>>

/** acme was put back to before `After the backup.`, has declared globex lost, and goes on; globex is back. */
async function goneOn(t: Test): Promise<Lost> {
  const world = await sharedWithTwo()
  const { net, alice, bob, thread } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const backup = await net.backup('acme')
  t.teardown(async () => await backup[Symbol.asyncDispose]())
  await post(alice, thread, 'After the backup.')
  await eventuallySees(net, bob, thread, 'After the backup.')
  net.cut('acme', 'globex')
  await net.restore('acme', backup)
  await net.clock.leap(30_000)
  const url = net.databaseOf('acme')
  const asked = await parley(url, 'recovery')
  t.match(asked.out, /In recovery since .*: database-behind/)
  t.match(asked.out, /Shut: 1 hosted by acme\.test\./)
  t.match(asked.out, /globex\.test +no +no .* connect: virtual-network/)
  t.ok(net.node('acme').context.mode.recovering, 'it waits for as long as nobody says otherwise')

  const unsure = await parley(url, 'recovery', 'declare-loss', 'globex.test')
  t.equal(unsure.code, 2)
  t.match(unsure.complaint, /say so with --yes/)
  t.equal((await parley(url, 'recovery', 'declare-loss', 'nobody.test', '--yes')).code, 2)
  t.equal((await parley(url, 'recovery', 'declare-loss', 'globex.test', '--yes')).code, 0)
  await net.eventually('acme goes on', async () => net.node('acme').context.mode.recovering === undefined)
  t.strictSame(await textsOf(alice, thread), ['Before.'])
  await post(alice, thread, 'Another word.')
  return world
}

const branches = async (person: Person, space: string): Promise<Branches> =>
  await person.get<Branches>(`/api/spaces/${space}/branches`)

async function comesBack({ net, bob, thread }: Lost): Promise<void> {
  net.heal('acme', 'globex')
  await net.clock.leap(60_000)
  await net.eventually('globex is offered the epoch', async () => {
    return (await branches(bob, thread)).offered !== null
  })
}

t.test(
  'RST-03: a partner is declared lost: a new epoch; it comes back, and the fork is seen by both',
  async (t) => {
    const world = await goneOn(t)
    const { net, alice, bob, thread } = world
    await comesBack(world)
    t.strictSame(await textsOf(bob, thread), ['Before.', 'After the backup.'], 'nothing is taken by itself')
    const write = await bob.ask('POST', `/api/spaces/${thread}/messages`, { text: 'To whom?' })
    t.match(write.body, { type: 'urn:parley:problem:space-frozen' })
    t.ok((await kindsAt(net, 'globex')).includes('epoch-offered acme.test'))
    await net.eventually('acme sees it too', async () => {
      return (await kindsAt(net, 'acme')).includes('other-branch globex.test')
    })
    t.notOk(
      (await kindsAt(net, 'globex')).includes('equivocation acme.test'),
      'an open epoch convicts nobody',
    )

    const { epoch, hash } = (await branches(bob, thread)).offered!
    const stale = await bob.ask('PUT', `/api/spaces/${thread}/epoch`, { epoch: epoch + 1, hash })
    t.match(stale, { status: 409, body: { type: /log-moved/ } })
    t.strictSame(await bob.ok<object>('PUT', `/api/spaces/${thread}/epoch`, { epoch, hash }), {
      epoch,
      taken: true,
    })
    t.strictSame(await textsOf(bob, thread), ['Before.', 'Another word.'])
    const { aside } = await branches(bob, thread)
    const { entries } = await bob.get<{ entries: object[] }>(
      `/api/spaces/${thread}/branches/${aside[0]!.cutAt}`,
    )
    t.match(entries, [{ epoch: 1, content: /After the backup/ }])
    await post(bob, thread, 'And on.')
    await eventuallySees(net, alice, thread, 'And on.')
  },
)

t.test('EQV-07: what the lost one held is chosen after all, when it is back', async (t) => {
  const world = await goneOn(t)
  const { net, alice, bob, thread } = world
  await comesBack(world)
  const { head, node } = (await branches(alice, thread)).held[0]!
  const { seq, hash } = head!
  const url = net.databaseOf('acme')
  const unknown = await parley(url, 'choose-branch', `${thread}x`, '1', hash)
  t.match(unknown, { code: 2, complaint: /There is no space/ })
  const wish = await parley(url, 'choose-branch', thread, String(seq), hash, '--from', node)
  t.equal(wish.code, 0)
  await net.clock.leap(30_000)
  t.match((await parley(url, 'branches', thread)).out, /Decided .*: in epoch 3\./, 'no number is used twice')
  t.strictSame(await textsOf(alice, thread), ['Before.', 'After the backup.'])
  t.match((await branches(alice, thread)).aside, [{ epoch: 2 }])
  t.ok((await actsAt(net, 'acme')).includes('space.chooseBranch'))
  await net.clock.leap(60 * 60 * 1000)
  await net.eventually('globex is offered the third', async () => {
    return (await branches(bob, thread)).offered?.epoch === 3
  })
  const theirs = net.databaseOf('globex')
  t.match((await parley(theirs, 'branches', thread)).out, /Frozen: epoch-offered.*\n.*\nOffered: epoch 3/)
  t.equal((await parley(theirs, 'take-epoch', thread, node)).code, 2)
  t.equal((await parley(theirs, 'take-epoch', thread, hash)).code, 0)
  await net.clock.leap(30_000)
  t.match((await parley(theirs, 'branches', thread)).out, /Goes on\.\n[^]*Decided .*: in epoch 3\./)
  t.strictSame((await branches(bob, thread)).aside, [], 'nothing is lost there')
  await post(alice, thread, 'And on.')
  await eventuallySees(net, bob, thread, 'And on.')
})
