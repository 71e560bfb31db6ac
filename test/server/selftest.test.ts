import t from 'tap'
import { jwkOf } from '#federation/keys.ts'
import { limits } from '#schema/limits.ts'
import { findPeer, setStanding } from '#server/db/peers.ts'
import { discover } from '#server/peers/discovery/discover.ts'
import type { Check } from '#server/peers/selftest/check.ts'
import { selftest } from '#server/peers/selftest/selftest.ts'
import { type FederationNode, openFederationNode } from '../helpers/federation-node.ts'
import { openPartner } from '../helpers/partner.ts'
import { json, keyPair, ScriptedHttp, type ScriptedPeer } from '../helpers/scripted-peer.ts'

// What a node that answers, and not as it should, is told to be by the test of the way to it.

type World = AsyncDisposable & {
  readonly node: FederationNode
  readonly globex: ScriptedPeer
  /** What globex says of itself when it is asked with a signature. */
  says(ping: { readonly node?: string; readonly now?: number }): void
  /** How it refuses what is sent to it. */
  refuses(code: string, status: number): void
}

async function openWorld(): Promise<World> {
  const http = new ScriptedHttp()
  const node = await openFederationNode('acme.test', http)
  const globex = await openPartner(node, http, { node: 'globex.test', seed: 1 })
  let said: object = {}
  let no = { code: 'schema', status: 400 }
  http.host(globex.node, async (request) => {
    if (request.target.endsWith('/v1/ping'))
      return json({ node: globex.node, now: globex.nowSeconds, versions: ['1.0'], ...said })
    if (request.method === 'GET') return await globex.serve(request)
    const { code, status } = no
    const problem = { type: `urn:parley:problem:${code}`, title: 'No.', status, retry: 'never' }
    return { status, ...json(problem, 'application/problem+json') }
  })
  return {
    node,
    globex,
    says: (ping) => (said = ping),
    refuses: (code, status) => (no = { code, status }),
    [Symbol.asyncDispose]: async () => await node[Symbol.asyncDispose](),
  }
}

async function checkOf({ node, globex }: World, name: Check['name']): Promise<Check | undefined> {
  return (await selftest(node.context, globex.node)).find((check) => check.name === name)
}

t.test('keys that continue what is pinned are well, and are not pinned by that', async (t) => {
  await using world = await openWorld()
  const { node, globex } = world
  t.match(await checkOf(world, 'keys'), { isWell: true, sentences: [/are those that are pinned/] })
  globex.operations.push(globex.operation({ seq: 2, prev: globex.log.opHash }))
  globex.state()
  t.match(await checkOf(world, 'keys'), { isWell: true, sentences: [/continues the one that is pinned/] })
  t.match(await findPeer(node.context.db, globex.node), { opSeq: 1 }, 'a test pins nothing')

  const [genesis, rotation] = globex.operations
  const statement = globex.statement
  await discover(node.context, globex.node)
  t.match(await findPeer(node.context.db, globex.node), { opSeq: 2 })
  globex.operations.splice(1, 1)
  globex.state()
  t.match(await checkOf(world, 'documents'), { isWell: false, detail: 'stale-log' })
  globex.operations.splice(0, 2, genesis!, rotation!)
  globex.statement = statement
  const next = keyPair(9)
  globex.operations.push(
    globex.operation(
      {
        seq: 3,
        prev: globex.log.opHash,
        op: 'recover',
        base: globex.log.opHash,
        compromised_since: globex.nowSeconds,
        at: globex.nowSeconds,
        active: [jwkOf(next.key, globex.nowSeconds)],
        recovery: [keyPair(109).key.kid],
        reveal: jwkOf(keyPair(101).key, 0),
      },
      keyPair(101),
    ),
  )
  globex.state({}, next)
  t.match(await checkOf(world, 'keys'), { isWell: true, sentences: [/with a recovery key/] })
  t.match(await findPeer(node.context.db, globex.node), { opSeq: 2 })
})

t.test('a node of other versions, and one that another answers for, are named', async (t) => {
  await using world = await openWorld()
  const { globex } = world
  globex.state({ versions: ['2.0', '3.1'] })
  t.match(await checkOf(world, 'versions'), { isWell: false, reason: 'version', detail: '2.0 3.1' })
  globex.state()
  t.match(await checkOf(world, 'versions'), { isWell: true })
  world.says({ node: 'initech.test' })
  t.match(await checkOf(world, 'signature'), {
    isWell: false,
    reason: 'bad-answer',
    detail: 'another-node',
    sentences: [/./, /^initech\.test answers in its place/],
  })
})

t.test('a clock is well up to ten seconds, on either side', async (t) => {
  await using world = await openWorld()
  for (const [offset, isWell, words] of [
    [0, true, /is as ours/],
    [10, true, /10 seconds ahead of ours/],
    [-10, true, /10 seconds behind ours/],
    [11, false, /11 seconds ahead of ours/],
    [-11, false, /11 seconds behind ours/],
  ] as const) {
    world.says({ now: world.globex.nowSeconds + offset })
    const clock = await checkOf(world, 'clock')
    t.equal(clock?.isWell, isWell, `${offset} s`)
    t.match(clock?.sentences.join(' '), words)
  }
})

t.test('what a node says to a large body tells whether it has arrived', async (t) => {
  await using world = await openWorld()
  for (const [code, status, isWell] of [
    ['schema', 400, true],
    ['json-strict', 400, true],
    ['not-participating', 403, true],
    ['not-host', 403, true],
    ['space-purged', 410, true],
    ['too-large', 413, false],
    ['digest-mismatch', 400, false],
    ['approval-pending', 403, null],
    ['partner-paused', 403, null],
  ] as const) {
    world.refuses(code, status)
    t.equal((await checkOf(world, 'body'))?.isWell, isWell, code)
  }
})

t.test('the way back is well while their own requests come', async (t) => {
  await using world = await openWorld()
  const { node, globex } = world
  t.match(await checkOf(world, 'way back'), { isWell: null, sentences: [/No request of it/] })
  const url = '/federation/v1/ping'
  const headers = { host: 'acme.test', ...globex.sign({ to: node.context.node, target: url }) }
  t.equal((await node.app.inject({ method: 'GET', url, headers })).statusCode, 200)
  t.match(await checkOf(world, 'way back'), { isWell: true })
  node.time.now += limits.leaseSeconds * 1000
  globex.state()
  t.match(await checkOf(world, 'way back'), { isWell: true })
  node.time.now += 1
  t.match(await checkOf(world, 'way back'), { isWell: null, sentences: [/Its last request .* Its operator/] })
})

t.test('of a node that is paused here nothing is sent, and the test says so', async (t) => {
  await using world = await openWorld()
  const { node, globex } = world
  await node.context.db
    .transaction()
    .execute(async (tx) => await setStanding(tx, globex.node, { paused: true }))
  t.match(await checkOf(world, 'signature'), { isWell: false, reason: 'policy-hold', detail: 'paused' })
  t.match(await checkOf(world, 'body'), { isWell: null })
})
