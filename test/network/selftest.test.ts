import t from 'tap'
import type { NodeId } from '#schema/ids.ts'
import type { Check } from '#server/peers/selftest/check.ts'
import { selftest } from '#server/peers/selftest/selftest.ts'
import { isToGlobex, later, page } from '../helpers/failing.ts'
import { network, type Network } from '../helpers/network.ts'
import { sharedThread } from '../helpers/shared-thread.ts'

// The way between two nodes, tested by one of them while something on it is not as it has to be.

async function testOf(net: Network): Promise<Check[]> {
  let checks: Check[] | undefined
  const testing = selftest(net.node('acme').context, 'globex.test' as NodeId).then((done) => (checks = done))
  await net.eventually('the test ends', async () => await Promise.resolve(checks !== undefined))
  await testing
  return checks!
}

const told = (checks: readonly Check[]): string[] =>
  checks.map(({ name, isWell, reason }) => `${name} ${reason ?? (isWell ? 'well' : 'not tried')}`)

t.test('a way that is as it has to be passes every step, and changes nothing', async (t) => {
  const { net } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const steps = [
    'documents well',
    'keys well',
    'versions well',
    'signature well',
    'clock well',
    'body well',
    'way back well',
  ]
  t.strictSame(told(await testOf(net)), steps)
})

t.test('OPS-03: a proxy that changes what passes is named by the step that it breaks', async (t) => {
  const { net } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const through = async (change: Parameters<typeof net.wire.alter>[1]): Promise<Check[]> => {
    const mend = net.wire.alter(isToGlobex, change)
    const checks = await testOf(net)
    mend()
    await later(net)
    return checks
  }
  const wrongIn = (checks: readonly Check[]): Check | undefined =>
    checks.find(({ isWell }) => isWell === false)

  const path = wrongIn(
    await through((request) => ({ ...request, target: request.target.replace('/federation', '') })),
  )
  t.match(path, { name: 'documents', reason: 'http-status', detail: 'status-404' })
  t.match(
    path?.sentences.join(),
    /GET \/v1\/node below its base_url.*does not pass that path on, or rewrites it/,
  )
  const site = wrongIn(
    await through((request) => ({ ...request, target: request.target.replace('/.well-known', '') })),
  )
  t.match(site?.sentences.join(), /Where a website answers at this domain, its web server has to pass/)

  const signed = wrongIn(await through((request) => ({ ...request, target: `${request.target}?via=proxy` })))
  t.match(signed, { name: 'signature', reason: 'signature', detail: /signature-invalid/ })
  t.match(signed?.sentences.join(), /a proxy rewrites the path, the query or a signed header/)

  const bare = wrongIn(
    await through(({ headers: { signature: _, 'signature-input': __, ...headers }, ...request }) => ({
      ...request,
      headers,
    })),
  )
  t.match(bare, { name: 'signature', reason: 'signature', detail: /signature-missing/ })
  t.match(bare?.sentences.join(), /A proxy removes the headers Signature/)

  const host = await through((request) => ({
    ...request,
    headers: { ...request.headers, host: 'inside.local' },
  }))
  t.equal(wrongIn(host), undefined, 'what a proxy calls the host is no matter: the authority is a setting')

  const body = wrongIn(
    await through(({ body: bytes, ...request }) => ({
      ...request,
      ...(bytes
        ? { body: Buffer.from(JSON.stringify(JSON.parse(Buffer.from(bytes).toString()), null, 1)) }
        : {}),
    })),
  )
  t.match(body, { name: 'body', reason: 'signature', detail: 'digest-mismatch' })
  t.match(body?.sentences.join(), /a proxy changes or encodes bodies anew/)

  const small = net.wire.answer(
    (_from, to, request) => to === 'globex.test' && (request.body?.length ?? 0) > 1024 * 1024,
    () => page(413),
  )
  const size = wrongIn(await testOf(net))
  small()
  t.match(size, { name: 'body', reason: 'http-status', detail: 'status-413' })
  t.match(size?.sentences.join(), /A proxy lets no body of 2 MiB through/)
})

t.test('what stops the way before anything is signed is named as what it is', async (t) => {
  const { net } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  for (const reason of ['dns', 'connect', 'tls', 'timeout-connect'] as const) {
    const mend = net.wire.answer(isToGlobex, () => ({ ok: false, fault: { reason, detail: 'injected' } }))
    const [documents] = await testOf(net)
    mend()
    t.match(documents, { name: 'documents', isWell: false, reason, detail: 'injected' })
    t.match(documents?.sentences.at(-1), /^What would help: /)
  }
  net.skew('globex', 20_000)
  const clock = (await testOf(net)).find(({ name }) => name === 'clock')
  t.match(clock, { isWell: false, reason: 'clock-skew', detail: '20 s' })
  t.match(clock?.sentences.join(), /Its clock is 20 seconds ahead of ours/)
})

t.test('of a node that nobody knows only the documents are tested, and nothing is pinned', async (t) => {
  await using net = await network(['acme', 'globex'])
  await net.person('alice', 'acme')
  const checks = await testOf(net)
  t.strictSame(told(checks), [
    'documents well',
    'keys well',
    'versions well',
    'signature not tried',
    'body not tried',
    'way back not tried',
  ])
  const { db } = net.node('acme').context
  t.strictSame(
    await db
      .selectFrom('peer')
      .select('node')
      .where('node', '=', 'globex.test' as NodeId)
      .execute(),
    [],
  )
})
