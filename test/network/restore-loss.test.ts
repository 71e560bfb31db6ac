import { spawn } from 'node:child_process'
import t from 'tap'
import { sharedWithTwo } from '../helpers/removals.ts'
import { eventuallySees, post, startThread, textsOf } from '../helpers/spaces.ts'

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

t.test(
  'a partner that will never answer is declared lost: its spaces are closed, the node goes on',
  async (t) => {
    await using world = await sharedWithTwo()
    const { net, alice, bob, thread } = world
    const internal = await startThread(alice, { title: 'Internal' })
    await using backup = await net.backup('acme')
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

    const unsure = await parley(url, 'recovery', 'declare-loss', 'globex.test')
    t.equal(unsure.code, 2)
    t.match(unsure.complaint, /say so with --yes/)
    t.equal((await parley(url, 'recovery', 'declare-loss', 'nobody.test', '--yes')).code, 2)
    t.equal((await parley(url, 'recovery', 'declare-loss', 'globex.test', '--yes')).code, 0)
    await net.eventually('acme goes on', async () => net.node('acme').context.mode.recovering === undefined)

    t.strictSame(await textsOf(alice, thread), ['Before.'])
    const write = await alice.ask('POST', `/api/spaces/${thread}/messages`, { text: 'Another word.' })
    t.match(write.body, { type: 'urn:parley:problem:space-frozen' })
    await post(alice, internal, 'And on.')
    net.heal('acme', 'globex')
    await net.clock.leap(60_000)
    t.strictSame(
      await textsOf(bob, thread),
      ['Before.', 'After the backup.'],
      'nothing is taken from who has it',
    )
  },
)
