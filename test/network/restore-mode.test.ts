import t from 'tap'
import type { InviteId } from '#schema/ids.ts'
import { uninvite } from '#server/peers/invites/uninvite.ts'
import { idOf } from '../helpers/network.ts'
import { sharedWithTwo } from '../helpers/removals.ts'
import { eventuallySees, post, startThread, textsOf } from '../helpers/spaces.ts'

const codeOf = ({ body }: { body: unknown }): string =>
  String((body as { type?: string }).type).slice('urn:parley:problem:'.length)

t.test(
  'RST-01: a database that is older than its mark: nothing is written or read that others hold, and everybody is told',
  async (t) => {
    await using world = await sharedWithTwo()
    const { net, alice, bob, thread } = world
    const internal = await startThread(alice, { title: 'Internal' })
    await post(alice, internal, 'Among us.')
    await using backup = await net.backup('acme')
    await post(alice, thread, 'After the backup.')
    await eventuallySees(net, bob, thread, 'After the backup.')
    await net.clock.leap(60 * 60_000)
    net.cut('acme', 'globex')
    await net.restore('acme', backup, { as: 'snapshot' })

    const shut = await alice.ask('GET', `/api/spaces/${thread}/entries`)
    t.strictSame([shut.status, codeOf(shut)], [503, 'recovery-mode'])
    const write = await alice.ask('POST', `/api/spaces/${thread}/messages`, { text: 'Again.' })
    t.strictSame([write.status, codeOf(write)], [503, 'recovery-mode'])
    const ended = { spaceId: thread, jti: 'A'.repeat(22) as InviteId }
    t.strictSame(
      await uninvite(net.node('acme').context, ended, 'expired'),
      { status: 'refused', code: 'recovery-mode' },
      'nor by the node itself',
    )
    const { spaces } = await alice.get<{ spaces: { id: string }[] }>('/api/spaces')
    t.strictSame(
      spaces.map(({ id }) => id),
      [internal],
      'what nobody else has ever taken part in goes on',
    )
    await post(alice, internal, 'Still among us.')
    t.strictSame(await textsOf(alice, internal), ['Among us.', 'Still among us.'])

    const ready = await net.node('acme').app.inject({ url: '/readyz' })
    t.strictSame([ready.statusCode, ready.json()], [200, { status: 'recovery' }])
    t.match(await alice.get('/api/workspace'), { recovering: true })
    t.match(await alice.get('/api/recovery'), {
      recovering: { reason: 'database-behind' },
      partners: [{ node: idOf('globex'), answeredAt: null }],
      withheld: [{ host: idOf('acme'), spaces: 1 }],
    })

    const before = net.wire.sightings.length
    net.heal('acme', 'globex')
    const stop = net.wire.lose((from) => from === idOf('acme'))
    await post(bob, thread, 'From elsewhere.')
    await net.clock.leap(30_000)
    const refused = net.wire.sightings.slice(before).filter(({ target }) => target.endsWith('/submit'))
    t.ok(refused.length > 0)
    for (const { status, answer } of refused) {
      t.equal(status, 503)
      t.match(JSON.parse(answer), { type: 'urn:parley:problem:recovery-mode', retry: 'later' })
    }
    stop()
  },
)
