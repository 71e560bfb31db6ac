import t, { type Test } from 'tap'
import type { NodeId } from '#schema/ids.ts'
import { reasonOf } from '#schema/reason.ts'
import * as contracts from '#schema/wire/endpoints.ts'
import * as recovery from '#schema/wire/recovery.ts'
import { openFederationNode } from '../helpers/federation-node.ts'
import { openPartner, signedRequest } from '../helpers/partner.ts'
import { type RawAnswer, type RawRequest, sendRaw } from '../helpers/raw-request.ts'
import { keyPair, ScriptedHttp, ScriptedPeer } from '../helpers/scripted-peer.ts'

// Who gets past the gate of the federation API, on real sockets. acme is the node; globex is its partner; initech is
// somebody it has never heard of; mallory has a key and a plan.

const acme = 'acme.test' as NodeId
const http = new ScriptedHttp()
const node = await openFederationNode(acme, http)
t.teardown(async () => await node[Symbol.asyncDispose]())
const globex = await openPartner(node, http, { node: 'globex.test', seed: 1 })
const initech = new ScriptedPeer('initech.test', 2, () => node.time.now)
const mallory = keyPair(66)

const helloUrl = '/federation/v1/hello'
const helloBody = Buffer.from(JSON.stringify({ approved: true, op_hash: globex.log.opHash, ver: 1 }))
const headsUrl = '/federation/v1/heads'
const headsBody = Buffer.from(JSON.stringify({ spaces: [] }))
const heads = (changes: Parameters<ScriptedPeer['sign']>[1] = {}, signer = globex.keys): RawRequest =>
  signedRequest(globex, { to: acme, target: headsUrl, body: headsBody }, { changes, signer })

// The first key that is not known of a node makes us look at its documents once (KEY-02). Here that is over.
await sendRaw(node.port, heads({}, mallory))

let addresses = 0

/** As from an address of its own: so that what it has sent before does not count (Q1). */
const fromElsewhere = (request: RawRequest): RawRequest => {
  const n = addresses++
  return added(request, 'x-forwarded-for', `198.18.${Math.floor(n / 256)}.${n % 256}`)
}

/** Sends, and checks what every refusal has to leave behind: one row with the code, and nothing else. */
async function refused(t: Test, request: RawRequest, slug: string): Promise<RawAnswer> {
  await node.newExchanges()
  const before = await node.fingerprint()
  const answer = await sendRaw(node.port, fromElsewhere(request))
  const rows = await node.newExchanges()
  t.equal(answer.problem.type, `urn:parley:problem:${slug}`)
  t.equal(answer.headers.get('content-type'), 'application/problem+json')
  t.equal(rows.length, 1, 'one row')
  const [row] = rows
  const { status } = answer
  t.match(row, {
    direction: 'in',
    verdict: 'refused',
    code: slug,
    reason: reasonOf(slug, row?.detail ?? undefined),
    status,
  })
  t.equal(answer.problem['instance'], `urn:uuid:${row?.id}`, 'both operators see the same id')
  t.equal(await node.fingerprint(), before, 'nothing else changed')
  return answer
}

const without = (request: RawRequest, ...names: string[]): RawRequest => ({
  ...request,
  headers: request.headers.filter(([name]) => !names.includes(name)),
})
const replaced = (request: RawRequest, name: string, change: (value: string) => string): RawRequest => ({
  ...request,
  headers: request.headers.map(([each, value]) => [each, each === name ? change(value) : value] as const),
})
const added = (request: RawRequest, name: string, value: string): RawRequest => ({
  ...request,
  headers: [...request.headers, [name, value]],
})

t.test('what a partner signs is served, and leaves one row', async (t) => {
  await node.newExchanges()
  const answer = await sendRaw(node.port, heads())
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'application/parley+json')
  t.same(JSON.parse(answer.text), { differ: [], unknown: [] })
  const rows = await node.newExchanges()
  t.match(rows, [
    {
      direction: 'in',
      peer: 'globex.test',
      method: 'POST',
      route: '/v1/heads',
      lane: 'log',
      status: 200,
      verdict: 'accepted',
      bytesIn: headsBody.length,
      kid: globex.keys.key.kid,
      clockDeltaMs: 0,
    },
  ])
  t.equal(rows.length, 1)
})

t.test('X1: each way of not being who one says gets its problem document and changes nothing', async (t) => {
  const replay = heads()
  await sendRaw(node.port, replay)
  const blocked = await openPartner(node, http, { node: 'umbrella.test', seed: 8 })
  await node.context.db.updateTable('peer').set({ blocked: true }).where('node', '=', blocked.node).execute()
  const oneByte = Buffer.from(headsBody)
  oneByte[2] = oneByte[2]! ^ 1
  const toBravo = { changes: { destination: 'bravo.test' as NodeId }, signer: globex.keys }
  const cases: readonly [name: string, request: RawRequest, slug: string, status: number][] = [
    ['a stranger', signedRequest(initech, { to: acme, target: headsUrl, body: headsBody }), 'stranger', 403],
    [
      'a wrong key',
      heads({}, { ...mallory, signer: { ...mallory.signer, kid: globex.keys.key.kid } }),
      'signature-invalid',
      401,
    ],
    ['a replayed request', replay, 'replay', 401],
    [
      'a wrong destination',
      signedRequest(globex, { to: acme, target: headsUrl, body: headsBody }, toBravo),
      'wrong-destination',
      421,
    ],
    ['a body changed by one byte', { ...heads(), body: oneByte }, 'digest-mismatch', 400],
    ['a clock 10 minutes slow', heads({ nowSeconds: globex.nowSeconds - 600 }), 'clock-skew', 401],
    ['a clock 10 minutes fast', heads({ nowSeconds: globex.nowSeconds + 600 }), 'clock-skew', 401],
    [
      'a node that is blocked',
      signedRequest(blocked, { to: acme, target: headsUrl, body: headsBody }),
      'partner-blocked',
      403,
    ],
    ['no signature', without(heads(), 'signature', 'signature-input'), 'signature-missing', 401],
  ]
  for (const [name, request, slug, status] of cases) {
    await t.test(name, async (t) => {
      const answer = await refused(t, request, slug)
      t.equal(answer.status, status)
      if (slug === 'clock-skew') t.equal(answer.problem.now, globex.nowSeconds, 'tells our time')
    })
  }
})

t.test(
  '[REQ-01] every signed route refuses without signature, with a wrong one, and with that of another node',
  async (t) => {
    const signedRoutes = Object.values({ ...contracts, ...recovery }).filter(
      ({ policy }) => policy !== 'anyone',
    )
    // A body that would not even parse: whoever is not let in is refused before it is looked at.
    const body = Buffer.from('{"')
    for (const { method, url } of signedRoutes) {
      const isServed = node.app.hasRoute({ method, url: `/federation${url}` })
      if (!isServed) continue
      const target = `/federation${url.replaceAll(/:[a-z]+/g, 'x'.repeat(8))}`
      const withBody = method === 'GET' ? {} : { body }
      const valid = signedRequest(globex, { to: acme, target, ...withBody })
      const forged = signedRequest(globex, { to: acme, target, ...withBody }, { signer: mallory })
      await t.test(`${method} ${url}`, async (t) => {
        const unsigned = await refused(t, without(valid, 'signature', 'signature-input'), 'signature-missing')
        const wrong = await refused(
          t,
          replaced(valid, 'signature', () => `parley=:${Buffer.alloc(64, 1).toString('base64')}:`),
          'signature-invalid',
        )
        const other = await refused(t, forged, 'key-unknown')
        t.same([unsigned.status, wrong.status, other.status], [401, 401, 401])
        if (method === 'POST')
          t.equal(unsigned.headers.get('connection'), 'close', 'the body is not waited for')
      })
    }
  },
)

t.test('[REQ-03] a body that was changed after signing is refused before it is parsed', async (t) => {
  await refused(t, { ...heads(), body: Buffer.from('{"spaces":[}x') }, 'digest-mismatch')
})

t.test('[REQ-04] other component lists and parameters are refused', async (t) => {
  const input = 'signature-input'
  const changes: readonly [string, (value: string) => string][] = [
    ['reordered', (value) => value.replace('"@method" "@authority"', '"@authority" "@method"')],
    ['shortened', (value) => value.replace(' "content-digest"', '')],
    ['extra', (value) => value.replace('"content-digest")', '"content-digest" "date")')],
    [';sf', (value) => value.replace('"content-type"', '"content-type";sf')],
    [';req', (value) => value.replace('"content-type"', '"content-type";req')],
    [';bs', (value) => value.replace('"content-type"', '"content-type";bs')],
    ['alg', (value) => `${value};alg="ed25519"`],
    ['two labels', (value) => `${value}, other=${value.slice('parley='.length)}`],
  ]
  for (const [name, change] of changes) {
    await t.test(name, async (t) => {
      await refused(t, replaced(heads(), input, change), 'signature-profile')
    })
  }
})

t.test('[REQ-06] the authority is the configured one, whatever Host says', async (t) => {
  const forgedHost = replaced(heads(), 'host', () => 'mallory.test')
  t.equal((await sendRaw(node.port, forgedHost)).status, 200)
  await refused(t, heads({ authority: 'mallory.test' as NodeId }), 'signature-invalid')
})

t.test('[REQ-07] repeated headers are refused, and so are two lengths', async (t) => {
  const names = [
    'signature',
    'signature-input',
    'content-digest',
    'content-type',
    'host',
    'parley-origin',
    'parley-destination',
  ]
  for (const name of names) {
    await t.test(name, async (t) => {
      const request = heads()
      const value = request.headers.find(([each]) => each === name)?.[1] ?? ''
      t.equal((await refused(t, added(request, name.toUpperCase(), value), 'bad-header')).status, 400)
    })
  }
  // Node's parser ends this one before anybody can ask whose it is, so there is no row of it.
  t.equal((await sendRaw(node.port, added(heads(), 'transfer-encoding', 'chunked'))).status, 400)
})

t.test('[REQ-09] [M9] what a router would decode, resolve or cut off is no target', async (t) => {
  const space = `s_${'A'.repeat(43)}`
  const targets = [
    `/federation/v1/spaces/${space}%2f..%2fheads/entries?after=0`,
    `/federation/v1/spaces/%2e%2e%2fnode/entries?after=0`,
    `/federation/v1/spaces/${space}/entries?after=%30`,
    `/federation/v1/spaces/${space}/entries?after=0&after=1`,
    `http://mallory.test/federation/v1/spaces/${space}/entries?after=0`,
  ]
  const valid = signedRequest(globex, { to: acme, target: `/federation/v1/spaces/${space}/entries?after=0` })
  for (const target of targets) {
    await t.test(target, async (t) => {
      t.equal((await refused(t, { ...valid, target }, 'bad-target')).status, 400)
    })
  }
})

t.test('[REQ-10] only the one content type is read', async (t) => {
  const types = [
    'application/parley+json\tx',
    'application/parley+json;',
    'application/parley+json; charset=utf-8',
    'application/parley+json;charset=utf-16',
    'application/parley+json, text/plain',
    'application/json',
    'Application/Parley+JSON',
  ]
  for (const type of types) {
    await t.test(type, async (t) => {
      t.equal(
        (
          await refused(
            t,
            replaced(heads(), 'content-type', () => type),
            'encoding-not-allowed',
          )
        ).status,
        415,
      )
    })
  }
  await refused(t, added(heads(), 'content-encoding', 'gzip'), 'encoding-not-allowed')
})

t.test('[REQ-11] a GET with a body and a POST without a digest are refused', async (t) => {
  const ping = signedRequest(globex, { to: acme, target: '/federation/v1/ping' })
  const withBody = { ...added(ping, 'content-length', '2'), body: Buffer.from('{}'), method: 'GET' }
  t.equal((await refused(t, withBody, 'bad-header')).status, 400)
  t.equal((await refused(t, without(heads(), 'content-digest'), 'bad-header')).status, 400)
  const publicDocument = {
    target: '/federation/v1/node',
    headers: [
      ['host', 'x'],
      ['content-length', '2'],
    ],
    body: Buffer.from('{}'),
    method: 'GET',
  } as const
  t.equal((await refused(t, publicDocument, 'bad-header')).status, 400)
})

t.test('[REQ-12] a signature is used once, also when it comes twice at the same time', async (t) => {
  const request = heads()
  const answers = await Promise.all(Array.from({ length: 8 }, async () => await sendRaw(node.port, request)))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal(answers.filter(({ problem }) => problem.type === 'urn:parley:problem:replay').length, 7)
})

t.test(
  '[REQ-13] requests from the past, the future, with a long life or without a nonce are refused',
  async (t) => {
    const at = (offset: number): RawRequest => heads({ nowSeconds: globex.nowSeconds + offset })
    for (const offset of [-91, 31]) {
      await t.test(`${offset} s`, async (t) => {
        const answer = await refused(t, at(offset), 'clock-skew')
        t.equal(answer.problem.now, globex.nowSeconds)
      })
    }
    t.equal((await sendRaw(node.port, at(30))).status, 200)
    const long = replaced(heads(), 'signature-input', (value) =>
      value.replace(/expires=(\d+)/, (_, expires: string) => `expires=${Number(expires) + 1}`),
    )
    t.equal((await refused(t, long, 'clock-skew')).problem.now, globex.nowSeconds)
    await refused(
      t,
      replaced(heads(), 'signature-input', (value) => value.replace(/;nonce="[^"]*"/, '')),
      'signature-profile',
    )
  },
)

t.test('[REQ-14] a key of one node does not speak for another', async (t) => {
  const hooli = await openPartner(node, http, { node: 'hooli.test', seed: 4 })
  const request = signedRequest(
    globex,
    { to: acme, target: headsUrl, body: headsBody },
    { signer: hooli.keys },
  )
  t.equal((await refused(t, request, 'key-unknown')).status, 401)
})

t.test('an introduction of somebody unknown is the one thing that makes us look', async (t) => {
  const asked = http.asked.length
  await refused(t, signedRequest(initech, { to: acme, target: headsUrl, body: headsBody }), 'stranger')
  t.equal(http.asked.length, asked, 'nobody was asked about a stranger')
  http.host('initech.test', initech.serve)
  const body = Buffer.from(JSON.stringify({ approved: true, op_hash: initech.log.opHash, ver: 1 }))
  const answer = await sendRaw(node.port, signedRequest(initech, { to: acme, target: helloUrl, body }))
  t.equal(answer.status, 200)
  t.same(JSON.parse(answer.text), { status: 'approval-pending' })
  t.equal(http.asked.length, asked + 3)
  const pending = await refused(
    t,
    signedRequest(initech, { to: acme, target: headsUrl, body: headsBody }),
    'approval-pending',
  )
  t.equal(pending.problem['retry'], 'later')
})

t.test('made-up names make us look only so often, and a look that failed rests', async (t) => {
  node.time.now += 3_600_000
  const asked = http.asked.length
  const answers: RawAnswer[] = []
  for (let n = 0; n < 25; n++) {
    const nobody = new ScriptedPeer(`nobody-${n}.test`, 3, () => node.time.now)
    answers.push(
      await sendRaw(node.port, signedRequest(nobody, { to: acme, target: helloUrl, body: helloBody })),
    )
  }
  const slugs = answers.map(({ problem }) => problem.type?.split(':').at(-1))
  t.same(slugs, [...Array<string>(20).fill('key-unknown'), ...Array<string>(5).fill('rate')])
  t.equal(http.asked.length, asked + 20)
  node.time.now += 10_000
  const again = new ScriptedPeer('nobody-0.test', 3, () => node.time.now)
  await refused(t, signedRequest(again, { to: acme, target: helloUrl, body: helloBody }), 'key-unknown')
  t.equal(http.asked.length, asked + 20)
})

t.test('too large, not there, not that method: refused by the head', async (t) => {
  const large = replaced(heads(), 'content-length', () => String(3 * 1024 * 1024))
  t.equal((await refused(t, large, 'too-large')).headers.get('connection'), 'close')
  t.equal(
    (await refused(t, { target: '/federation/v1/nothing', headers: [['host', 'x']] }, 'not-found')).status,
    404,
  )
  const wrong = await refused(
    t,
    { method: 'DELETE', target: headsUrl, headers: [['host', 'x']] },
    'method-not-allowed',
  )
  t.equal(wrong.status, 405)
  t.equal(wrong.headers.get('allow'), 'POST, OPTIONS')
  t.equal(wrong.headers.get('content-type'), 'application/problem+json')
})

t.test('strict JSON and shape come after the digest, and say where', async (t) => {
  const post = (text: string): RawRequest =>
    signedRequest(globex, { to: acme, target: headsUrl, body: Buffer.from(text) })
  t.match(await refused(t, post('{"spaces":[],"spaces":[]}'), 'json-strict'), {
    problem: { detail: /name-twice/ },
  })
  t.match(await refused(t, post('{"spaces":1}'), 'schema'), { problem: { detail: 'body.spaces' } })
  t.equal(
    (await sendRaw(node.port, post('{"spaces":[],"later":1}'))).status,
    200,
    'unknown members are ignored',
  )
})

t.test('a hello may be repeated, and only its own signer is believed', async (t) => {
  const hello = (): RawRequest => signedRequest(globex, { to: acme, target: helloUrl, body: helloBody })
  const first = await sendRaw(node.port, hello())
  t.same(JSON.parse(first.text), { status: 'active' })
  const before = await node.fingerprint()
  t.same(JSON.parse((await sendRaw(node.port, hello())).text), { status: 'active' })
  t.equal(await node.fingerprint(), before)
})
