import t from 'tap'
import { network } from '../helpers/network.ts'
import { eventuallySees, post, share, startGroup, startThread, textsOf } from '../helpers/spaces.ts'

t.test('FNC-05: whoever was removed is refused on every path that leads to the space', async (t) => {
  const net = await network(['acme', 'globex'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const bea = await net.person('bea', 'globex')
  const group = await startGroup(alice, { title: 'Partners' })
  const thread = await startThread(alice, { title: 'Prices', groups: [group] })
  await share(net, alice, group, bob)
  await share(net, alice, group, bea)
  await post(alice, thread, 'A secret of acme.')
  await eventuallySees(net, bob, thread, 'A secret of acme.')
  const { app } = net.node('globex')
  const paths = app.contracts.filter(({ url, policy }) => url.includes(':spaceId') && policy !== 'admin')
  t.ok(paths.length > 8)
  await alice.ok('DELETE', `/api/spaces/${group}/members/${bob.id}`)
  const isGone = async (): Promise<boolean> => (await textsOf(bob, thread)) === undefined
  await net.eventually('bob is refused', isGone, 2_000)
  for (const space of [group, thread]) {
    for (const { method, url, body } of paths) {
      const parts = { spaceId: space, userId: bea.id, groupId: group, node: 'acme.test' }
      const path = url.replaceAll(/:(\w+)/g, (_, name) => encodeURIComponent(parts[name as 'node'] ?? 'x'))
      const { body: answer } = await bob.ask(method, path, body === undefined ? undefined : {})
      t.notOk(JSON.stringify(answer).includes('secret'), `${method} ${url}`)
      t.ok(
        ['not-found', 'invalid-request'].some((code) => String(answer['type']).endsWith(code)),
        `${method} ${url}`,
      )
    }
  }
  t.strictSame((await bob.get<{ spaces: unknown[] }>('/api/spaces')).spaces, [])
  t.ok(await textsOf(bea, thread), 'and their colleague reads on')
})
