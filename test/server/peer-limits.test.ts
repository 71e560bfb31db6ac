import { connect, type Socket } from 'node:net'
import t from 'tap'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { RequestToSign } from '#federation/request-signature.ts'
import { type FederationNode, openFederationNode } from '../helpers/federation-node.ts'
import { openPartner, signedRequest } from '../helpers/partner.ts'
import { keyPair, ScriptedHttp, ScriptedPeer } from '../helpers/scripted-peer.ts'

// How much one caller may have of a node, and that the others do not notice. The clock stands still unless a test
// moves it, so that everything happens at once.

const acme = 'acme.test' as NodeId
const mallory = keyPair(66)

type World = AsyncDisposable & {
  readonly node: FederationNode
  readonly http: ScriptedHttp
  readonly globex: ScriptedPeer
  readonly initech: ScriptedPeer
}

async function openWorld(): Promise<World> {
  const http = new ScriptedHttp()
  const node = await openFederationNode(acme, http)
  const globex = await openPartner(node, http, { node: 'globex.test', seed: 1 })
  const initech = await openPartner(node, http, { node: 'initech.test', seed: 2 })
  return { node, http, globex, initech, [Symbol.asyncDispose]: async () => await node[Symbol.asyncDispose]() }
}

type Asked = { readonly code: string; readonly status: number; readonly retryAfter: number | undefined }

async function ask(
  { node }: World,
  peer: ScriptedPeer,
  how: { target?: string; from?: string; changes?: Partial<RequestToSign>; signer?: typeof mallory } = {},
): Promise<Asked> {
  const { target = '/v1/ping', from = '198.18.0.1', changes, signer } = how
  const url = `/federation${target}`
  const answer = await node.app.inject({
    url,
    headers: { host: acme, ...peer.sign({ to: acme, target: url }, changes, signer) },
    remoteAddress: from,
  })
  const after = answer.headers['retry-after']
  const { type } = answer.json<{ type?: string }>()
  return {
    status: answer.statusCode,
    code: type?.split(':').at(-1) ?? 'ok',
    retryAfter: after === undefined ? undefined : Number(after),
  }
}

const forged = { ...mallory, signer: { ...mallory.signer, kid: keyPair(1).key.kid } }

function count(answers: readonly Asked[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(answers, ({ code }) => code)].map(([code, same]) => [code, same.length]),
  )
}

t.test('X10, DOS-04: wrong signatures are refused by their source, before they are looked at', async (t) => {
  await using world = await openWorld()
  const { node, globex, initech } = world
  t.equal((await ask(world, globex)).code, 'ok')
  const flood: Asked[] = []
  while (flood.length < 300) {
    const some = Array.from({ length: 50 }, async () => {
      return await ask(world, globex, { from: '198.18.9.9', signer: forged })
    })
    flood.push(...(await Promise.all(some)))
  }
  t.strictSame(count(flood), { 'signature-invalid': 20, rate: 280 })
  t.match(flood.at(-1), { status: 429, retryAfter: 1 })
  t.equal((await node.newExchanges()).filter(({ code }) => code !== null).length, limits.strangerRowsBurstMax)
  t.equal((await ask(world, globex)).code, 'ok', 'the node that was named does not notice')
  t.equal((await ask(world, initech)).code, 'ok', 'nor do others')
  t.equal((await ask(world, globex, { from: '198.18.9.9', signer: forged })).code, 'rate')
  node.time.now += 1_000
  t.equal((await ask(world, globex, { from: '198.18.9.9', signer: forged })).code, 'signature-invalid')
})

t.test(
  'Q2: a node that has shown who it is has its own budget at an address that others misuse',
  async (t) => {
    await using world = await openWorld()
    const { globex, initech } = world
    const from = '2001:db8::1'
    t.equal((await ask(world, globex, { from })).code, 'ok')
    for (let n = 0; n < 30; n++) await ask(world, initech, { from: `2001:db8::${n + 2}`, signer: mallory })
    t.equal((await ask(world, initech, { from: '2001:db8::ffff' })).code, 'rate')
    t.equal((await ask(world, globex, { from })).code, 'ok')
  },
)

t.test('DOS-03: made-up nodes cost a bounded number of looks and rows', async (t) => {
  await using world = await openWorld()
  const { node, http } = world
  const nobody = new ScriptedPeer('nobody.test', 9, () => node.time.now)
  const url = '/federation/v1/ping'
  const signed = nobody.sign({ to: acme, target: url })
  const asked = http.asked.length
  const statuses: number[] = []
  for (let n = 0; n < 500; n += 20) {
    const some = Array.from({ length: 20 }, async (_, i) => {
      const headers = { ...signed, host: acme, 'parley-origin': `nobody-${n + i}.test` }
      return (await node.app.inject({ url, headers, remoteAddress: `198.18.1.${i}` })).statusCode
    })
    statuses.push(...(await Promise.all(some)))
  }
  t.strictSame(new Set(statuses), new Set([401, 429]))
  const looks = http.asked.length - asked
  t.ok(looks > 0 && looks <= limits.strangerLooksBurstMax, `${looks} looks`)
  t.ok((await node.newExchanges()).length <= limits.unprovenRowsBurstMax + looks)
})

t.test('Q3: a partner has fifty requests a second, and two hundred at once', async (t) => {
  await using world = await openWorld()
  const { node, globex, initech } = world
  const burst: Asked[] = []
  for (let n = 0; n < 205; n++) burst.push(await ask(world, globex))
  t.strictSame(count(burst), { ok: 200, rate: 5 })
  t.match(burst.at(-1), { status: 429, retryAfter: 1 })
  t.equal((await ask(world, initech)).code, 'ok', 'the others have theirs')
  const fences = await ask(world, globex, { target: '/v1/fences?after=0' })
  t.equal(fences.code, 'ok', 'Q5: what ends access is never turned down')
  node.time.now += 1_000
  const next: Asked[] = []
  for (let n = 0; n < 55; n++) next.push(await ask(world, globex))
  t.strictSame(count(next), { ok: 50, rate: 5 })
})

t.test(
  'Q3: who was told to come again later is not looked at before, and others at its address are',
  async (t) => {
    await using world = await openWorld()
    const { node, globex, initech } = world
    for (let n = 0; n <= 200; n++) await ask(world, globex)
    await node.newExchanges()
    const flood: Asked[] = []
    for (let n = 0; n < 300; n++) flood.push(await ask(world, globex, { signer: forged }))
    t.strictSame(count(flood), { rate: 300 }, 'not even its signature')
    t.ok((await node.newExchanges()).length <= limits.strangerRowsBurstMax, 'few rows are written')
    t.equal((await ask(world, initech)).code, 'ok')
    t.equal((await ask(world, globex, { target: '/v1/fences?after=0' })).code, 'ok', 'Q5')
    t.equal(
      (await ask(world, globex, { from: '198.18.7.7' })).code,
      'rate',
      'elsewhere it is heard, and has no more',
    )
    node.time.now += 1_000
    t.equal((await ask(world, globex)).code, 'ok', 'and none of that was counted')
  },
)

t.test('Q4: a partner is served eight requests at once, and sixty-four wait', async (t) => {
  await using world = await openWorld()
  const { node, globex, initech } = world
  const target = '/federation/v1/heads'
  const body = Buffer.from(JSON.stringify({ spaces: [] }))
  const begin = async (): Promise<Socket> => {
    const { headers } = signedRequest(globex, { to: acme, target, body })
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const socket = connect(node.port, '127.0.0.1', () =>
      socket.write(`POST ${target} HTTP/1.1\r\n${lines}\r\n`),
    )
    await new Promise((resolve) => socket.once('connect', resolve))
    return socket
  }
  // Who has shown who it is before, waits for a place and for nothing else (Q2).
  for (const peer of [globex, initech]) t.equal((await ask(world, peer)).code, 'ok')
  // Their bodies do not come.
  const slow = await Promise.all(Array.from({ length: limits.requestsAtOnceMax }, begin))
  await until(async () => await isTaken(node, limits.requestsAtOnceMax))
  const waiting = Array.from({ length: limits.requestsQueuedMax + 1 }, async () => await ask(world, globex))
  t.match(await Promise.race(waiting), { code: 'rate', status: 429, retryAfter: 1 }, 'one too many')
  const fences = await ask(world, globex, { target: '/v1/fences?after=0' })
  t.equal(fences.code, 'ok', 'Q5: what ends access does not wait')
  t.equal((await ask(world, initech)).code, 'ok', 'nor do others')
  for (const socket of slow) socket.destroy()
  t.strictSame(
    count(await Promise.all(waiting)),
    { rate: 1, ok: limits.requestsQueuedMax },
    'who waited is served',
  )
})

/** A nonce is used up once a request has its place. */
async function isTaken({ context }: FederationNode, places: number): Promise<boolean> {
  return (await context.db.selectFrom('nonce').selectAll().execute()).length >= places
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

t.test('Q3: an administrator gives a partner less, never more', async (t) => {
  await using world = await openWorld()
  const { node, globex } = world
  const alice = await node.signUp('alice')
  const url = '/api/peers/globex.test/limits'
  const whole = { requestsPerSecond: 50, requestsAtOnce: 8, eventsPerSecond: 100 }
  t.strictSame((await alice.get(url)).json(), whole)
  t.equal((await alice.put(url, { requestsPerSecond: 51 })).statusCode, 400)
  t.strictSame((await alice.put(url, { requestsPerSecond: 2 })).json(), { ...whole, requestsPerSecond: 2 })
  const answers: Asked[] = []
  for (let n = 0; n < 10; n++) answers.push(await ask(world, globex))
  t.strictSame(count(answers), { ok: 8, rate: 2 })
  t.strictSame((await alice.put(url, {})).json(), whole)
  t.equal((await alice.get('/api/peers/nobody.test/limits')).statusCode, 404)
  const { statusCode } = await (await node.signUp('bob')).get(url)
  t.equal(statusCode, 403)
})
