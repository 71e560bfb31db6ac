import t, { type Test } from 'tap'
import type { HttpAnswer } from '#federation/transport/http.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { ping } from '#schema/wire/endpoints.ts'
import { findPeer } from '#server/db/peers.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { discover, ensurePeer, peerKey } from '#server/peers/discovery/discover.ts'
import { type FederationNode, openFederationNode } from '../helpers/federation-node.ts'
import { json, keyPair, ScriptedHttp, ScriptedPeer } from '../helpers/scripted-peer.ts'

// acme looks for globex, which answers as the test says.

type World = AsyncDisposable & { node: FederationNode; http: ScriptedHttp; globex: ScriptedPeer }

async function openWorld(): Promise<World> {
  const http = new ScriptedHttp()
  const node = await openFederationNode('acme.test', http)
  const globex = new ScriptedPeer('globex.test', 1, () => node.time.now)
  http.host(globex.node, globex.serve)
  return { node, http, globex, [Symbol.asyncDispose]: async () => await node[Symbol.asyncDispose]() }
}

/** globex answers one path as the test says, and all others as it should. */
function answering({ http, globex }: World, path: string, answer: () => Partial<HttpAnswer>): void {
  http.host(globex.node, async (request) =>
    request.target === path ? answer() : await globex.serve(request),
  )
}

/** A look that has to end in a refusal, with one row that says why and nothing pinned. */
async function refused(t: Test, world: World, detail: string): Promise<void> {
  const { node, globex } = world
  const before = await pinnedBy(node)
  const found = await discover(node.context, globex.node, true)
  t.equal(found.ok, false)
  const last = (await node.newExchanges()).at(-1)
  t.match(last, { direction: 'out', peer: globex.node, lane: 'discovery', verdict: 'failed', detail })
  t.same(await pinnedBy(node), before, 'nothing is pinned')
}

async function pinnedBy({ context }: FederationNode): Promise<unknown> {
  const { db } = context
  const peers = db
    .selectFrom('peer')
    .select(['node', 'statement', 'baseUrl', 'genesisHash', 'opHash', 'conflict'])
  const operations = db.selectFrom('nodeOp').select(['node', 'seq', 'hash'])
  return [await peers.orderBy('node').execute(), await operations.orderBy('node').orderBy('seq').execute()]
}

const wellKnown = '/.well-known/parley'

t.test('[DIS-01] a valid node is pinned, with its key history, and its base_url is used', async (t) => {
  await using world = await openWorld()
  const { node, http, globex } = world
  globex.baseUrl = 'https://api.globex.test/parley'
  globex.state()
  http.host('api.globex.test', globex.serve)
  const found = await discover(node.context, globex.node)
  t.match(found, {
    ok: true,
    peer: {
      node: 'globex.test',
      baseUrl: 'https://api.globex.test/parley',
      opSeq: 1,
      approved: false,
      conflict: false,
    },
  })
  t.same(http.asked, [
    'GET https://globex.test/.well-known/parley',
    'GET https://api.globex.test/parley/v1/node',
    'GET https://api.globex.test/parley/v1/node/ops?after=0',
  ])
  const rows = await node.newExchanges()
  t.same(
    new Set(rows.map(({ direction, route, lane, verdict }) => `${direction} ${route} ${lane} ${verdict}`)),
    new Set([wellKnown, '/v1/node', '/v1/node/ops'].map((route) => `out ${route} discovery accepted`)),
  )
  t.equal(rows.length, 3)
  const key = await peerKey(node.context, globex.node, globex.keys.key.kid)
  t.equal(key.ok && key.value.kid, globex.keys.key.kid)
  t.equal(http.asked.length, 3, 'what is pinned is not asked for again')
})

t.test('[DIS-02] a statement of another issuer is refused', async (t) => {
  await using world = await openWorld()
  world.globex.state({ iss: 'initech.test' })
  await refused(t, world, 'iss')
})

t.test(
  "[DIS-03] another node's document at this domain is refused, and that node's pin is untouched",
  async (t) => {
    await using world = await openWorld()
    const { node, http, globex } = world
    const initech = new ScriptedPeer('initech.test', 2, () => node.time.now)
    http.host(initech.node, initech.serve)
    await discover(node.context, initech.node)
    const pinned = await findPeer(node.context.db, initech.node)
    answering(world, wellKnown, () => json(initech.document, 'application/json'))
    await node.newExchanges()
    await refused(t, world, 'node')
    t.same((await findPeer(node.context.db, initech.node))?.statement, pinned?.statement)
    t.equal(await findPeer(node.context.db, globex.node), undefined)
  },
)

t.test('[DIS-04] redirects are not followed, wherever they lead', async (t) => {
  await using world = await openWorld()
  const places = ['https://globex.test/else', 'https://mallory.test/x', 'https://10.0.0.1/x']
  for (const status of [301, 302, 303, 307, 308]) {
    for (const location of places) {
      answering(world, wellKnown, () => ({ status, headers: { location } }))
      const asked = world.http.asked.length
      await refused(t, world, `redirect-${status}`)
      t.equal(world.http.asked.length, asked + 1)
      world.node.time.now += 3_600_000
    }
  }
})

t.test('[DIS-05] only the exact content type is the document', async (t) => {
  await using world = await openWorld()
  const types = [
    'text/html',
    'text/json',
    'application/json;charset=utf-16',
    'application/json; charset=utf-8',
    'application/octet-stream',
  ]
  for (const type of types) {
    answering(world, wellKnown, () => json(world.globex.document, type))
    await refused(t, world, 'content-type')
  }
  answering(world, wellKnown, () => ({ ...json(0, 'application/json'), body: Buffer.from('<html>') }))
  await refused(t, world, 'syntax')
  answering(world, '/federation/v1/node', () => json(world.globex.document, 'application/json'))
  await refused(t, world, 'content-type')
})

t.test('[D4] what is no document of a node ends with its reason, and nothing of it is kept', async (t) => {
  await using world = await openWorld()
  const { globex, node } = world
  for (const status of [204, 404, 418, 500, 503]) {
    answering(world, wellKnown, () => ({ status }))
    await refused(t, world, `status-${status}`)
  }
  for (const text of ['', '{}x', '[1]', '{"node":1}']) {
    answering(world, wellKnown, () => ({ ...json(0, 'application/json'), body: Buffer.from(text) }))
    t.match(await discover(node.context, globex.node, true), { ok: false, reason: 'bad-answer' }, text)
  }
  world.http.host(globex.node, globex.serve)
  const iat = globex.nowSeconds - 100_000
  globex.state({ iat, exp: iat + 86_400 })
  await refused(t, world, 'expired')
})

t.test('[DIS-07] a new base_url in a newer statement is used without pinning again', async (t) => {
  await using world = await openWorld()
  const { node, http, globex } = world
  await discover(node.context, globex.node)
  const pinnedAt = (await findPeer(node.context.db, globex.node))?.pinnedAt
  node.time.now += 25 * 3_600_000
  globex.baseUrl = 'https://new.globex.test/api'
  globex.state()
  http.host('new.globex.test', globex.serve)
  await callPeer(node.context, globex.node, { contract: ping })
  t.equal(http.asked.at(-1), 'GET https://new.globex.test/api/v1/ping')
  t.match(await findPeer(node.context.db, globex.node), {
    baseUrl: globex.baseUrl,
    statementVersion: 2,
    pinnedAt,
  })
})

t.test('[DIS-09] a base_url that is anything but https, a domain and a path is refused', async (t) => {
  await using world = await openWorld()
  const urls = [
    'https://user@globex.test/federation',
    'https://globex.test:8443/federation',
    'https://globex.test/federation?a=1',
    'https://globex.test/federation#x',
    'http://globex.test/federation',
    'https://globex.test./federation',
    'https://globex.test/federation/',
    'https://globex.test/../federation',
    'https://10.0.0.1/federation',
    'https://[::1]/federation',
  ]
  for (const url of urls) {
    world.globex.baseUrl = url
    world.globex.state()
    const asked = world.http.asked.length
    const found = await discover(world.node.context, world.globex.node, true)
    t.match(found, { ok: false, detail: /^base-url/ }, url)
    t.equal(world.http.asked.length, asked + 1, 'that address was not asked')
    world.node.time.now += 3_600_000
  }
})

t.test('a host that does not say the same statement has not agreed to speak for the node', async (t) => {
  await using world = await openWorld()
  const { globex } = world
  const first = globex.document
  globex.state()
  answering(world, '/federation/v1/node', () => json(first))
  await refused(t, world, 'reciprocity')
})

t.test('[KEY-02] an unknown key makes us look once, and not again in the cooldown', async (t) => {
  await using world = await openWorld()
  const { node, http, globex } = world
  await discover(node.context, globex.node)
  const asked = http.asked.length
  const unknown = keyPair(9).key.kid
  const ask = async (kid: string) => {
    const key = await peerKey(node.context, globex.node, kid)
    return key.ok ? 'found' : key.code
  }
  t.same(await Promise.all([ask(unknown), ask(unknown)]), ['key-unknown', 'key-unknown'])
  t.equal(http.asked.length, asked + 2, 'well-known and node; the key history is the one we hold')
  t.equal(await ask(unknown), 'key-unknown')
  t.equal(http.asked.length, asked + 2)
  node.time.now += 11 * 60_000
  t.equal(await ask(unknown), 'key-unknown')
  t.equal(http.asked.length, asked + 4)
})

t.test('a rotation is learnt from the first signature with the new key', async (t) => {
  await using world = await openWorld()
  const { node, globex } = world
  await discover(node.context, globex.node)
  const next = keyPair(3)
  const { keys, opHash } = globex.log
  const active = [
    ...keys.map(({ key, nbf }) => ({ kty: 'OKP', crv: 'Ed25519', x: key.x, kid: key.kid, nbf }) as const),
  ]
  const added = { kty: 'OKP', crv: 'Ed25519', x: next.key.x, kid: next.key.kid, nbf: 0 } as const
  globex.operations.push(globex.operation({ seq: 2, prev: opHash, active: [...active, added] }))
  globex.state()
  const key = await peerKey(node.context, globex.node, next.key.kid)
  t.equal(key.ok, true)
  t.match(await findPeer(node.context.db, globex.node), { opSeq: 2, statementVersion: 2, conflict: false })
})

t.test(
  '[KEY-05] a new owner of the domain is a conflict: nothing is exchanged, what was pinned stays',
  async (t) => {
    await using world = await openWorld()
    const { node, http, globex } = world
    await discover(node.context, globex.node)
    const pinned = await findPeer(node.context.db, globex.node)
    const usurper = new ScriptedPeer('globex.test', 7, () => node.time.now)
    http.host(usurper.node, usurper.serve)
    node.time.now += 25 * 3_600_000
    t.match(await ensurePeer(node.context, globex.node), { ok: false, code: 'key-conflict' })
    const { statement, opHash, genesisHash } = pinned!
    t.match(await findPeer(node.context.db, globex.node), { conflict: true, statement, opHash, genesisHash })
    t.match(await node.context.db.selectFrom('securityEvent').selectAll().execute(), [
      { kind: 'key-conflict', peer: 'globex.test' },
    ])
    const asked = http.asked.length
    t.match(await callPeer(node.context, globex.node, { contract: ping }), {
      ok: false,
      failed: { reason: 'policy-hold' },
    })
    t.equal(http.asked.length, asked, 'nothing was sent')
  },
)

t.test('[KEY-10] an older statement or a shorter key history is ignored', async (t) => {
  await using world = await openWorld()
  const { node, globex } = world
  const first = { operations: [...globex.operations], statement: globex.statement }
  const { opHash } = globex.log
  globex.operations.push(globex.operation({ seq: 2, prev: opHash }))
  const second = globex.state()
  await discover(node.context, globex.node)
  globex.state()
  await discover(node.context, globex.node)
  await node.newExchanges()
  globex.statement = second
  await refused(t, world, 'rollback')
  globex.operations.splice(0, 2, ...first.operations)
  globex.statement = first.statement
  await refused(t, world, 'stale-log')
  t.match(await findPeer(node.context.db, globex.node), { opSeq: 2, statementVersion: 3, conflict: false })
})

t.test(
  'an outage of a peer ends nothing: its pinned keys hold on, and it is not asked every time',
  async (t) => {
    await using world = await openWorld()
    const { node, http, globex } = world
    await discover(node.context, globex.node)
    http.host(globex.node, () => ({ status: 503 }))
    node.time.now += 25 * 3_600_000
    const asked = http.asked.length
    for (let n = 0; n < 3; n++)
      t.equal((await peerKey(node.context, globex.node, globex.keys.key.kid)).ok, true)
    t.equal(http.asked.length, asked + 1)
  },
)

t.test(
  '[D5] what failed is not tried again for a minute, unless an administrator asks, who may only so often',
  async (t) => {
    await using world = await openWorld()
    const { node, http } = world
    const nowhere = 'nowhere.test' as NodeId
    t.match(await discover(node.context, nowhere), { ok: false, reason: 'dns', code: 'not-a-workspace' })
    t.match(await discover(node.context, nowhere), { ok: false, reason: 'dns' })
    t.equal(http.asked.length, 1)
    await discover(node.context, nowhere, true)
    t.equal(http.asked.length, 2)
    node.time.now += 61_000
    await discover(node.context, nowhere)
    t.equal(http.asked.length, 2, 'the second failure rests for two minutes')
    node.time.now += 61_000
    await discover(node.context, nowhere)
    t.equal(http.asked.length, 3)
    for (let n = 3; n < limits.keyFetchesPerHourMax; n++) await discover(node.context, nowhere, true)
    t.match(await discover(node.context, nowhere, true), { ok: false, reason: 'rate-limited' })
    t.equal(http.asked.length, limits.keyFetchesPerHourMax)
  },
)

t.test(
  'SSR-01, [D1]: names that are addresses in any spelling, or no names, are refused before anybody is asked',
  async (t) => {
    await using world = await openWorld()
    const names = [
      '127.0.0.1',
      '0x7f.1',
      '2130706433',
      '[::1]',
      '::1',
      '0177.0.0.1',
      '127.1',
      'xn--a.test',
      'acme.test',
      'globex.test:443',
      'user@globex.test',
      'globex.test/x',
      'globex.test.',
      'GLOBEX.test',
      'gl\u043ebex.test',
      'globex',
      'globex_.test',
      `${'x'.repeat(64)}.test`,
      `${'x.'.repeat(126)}test`,
    ]
    for (const name of names) {
      t.match(
        await discover(world.node.context, name as NodeId, true),
        { ok: false, code: 'invalid-address' },
        name,
      )
    }
    t.equal(world.http.asked.length, 0)
  },
)
