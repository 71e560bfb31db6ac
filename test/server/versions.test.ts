import t from 'tap'
import { speaks } from '#federation/version.ts'
import type { NodeId } from '#schema/ids.ts'
import { ping } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { discover } from '#server/peers/discovery/discover.ts'
import { openFederationNode } from '../helpers/federation-node.ts'
import { openPartner, signedRequest } from '../helpers/partner.ts'
import { type RawRequest, sendRaw } from '../helpers/raw-request.ts'
import { json, ScriptedHttp } from '../helpers/scripted-peer.ts'

// What a node does with versions, features and members that it does not know.

const acme = 'acme.test' as NodeId
const http = new ScriptedHttp()
const node = await openFederationNode(acme, http)
t.teardown(async () => await node[Symbol.asyncDispose]())
const globex = await openPartner(node, http, { node: 'globex.test', seed: 1 })

const headsUrl = '/federation/v1/heads'
const heads = (body: object): RawRequest =>
  signedRequest(globex, { to: acme, target: headsUrl, body: Buffer.from(JSON.stringify(body)) })

t.test('VER-01: members of a request that are not known mean nothing', async (t) => {
  const answer = await sendRaw(node.port, heads({ spaces: [], later: { a: [1] }, must: ['later'] }))
  t.equal(answer.status, 200)
  t.strictSame(JSON.parse(answer.text), { differ: [], unknown: [] })
  http.host(globex.node, async (request) =>
    request.target.endsWith('/ping')
      ? json({ node: globex.node, now: globex.nowSeconds, versions: ['1.0'], later: true })
      : await globex.serve(request),
  )
  t.match(await callPeer(node.context, globex.node, { contract: ping }), { ok: true })
})

t.test('VER-01: what a signed document says has to be understood, is', async (t) => {
  globex.state({ must: ['versions', 'features'] } as object)
  t.equal((await discover(node.context, globex.node, true)).ok, true)
  globex.state({ later: 1 } as object)
  t.equal((await discover(node.context, globex.node, true)).ok, true, 'kept, and without effect')
  globex.state({ later: 1, must: ['later'] } as object)
  t.match(await discover(node.context, globex.node, true), { ok: false, code: 'features-missing' })
  globex.state()
  t.equal((await discover(node.context, globex.node, true)).ok, true)
})

t.test(
  'VER-03: a request in a version that we do not speak is told which we do, and is not served',
  async (t) => {
    for (const version of ['2.0', '0.9', '1', '01.0', '1.0.0', 'x', '']) {
      const request = heads({ spaces: [] })
      const answer = await sendRaw(node.port, {
        ...request,
        headers: [...request.headers, ['parley-version', version]],
      })
      t.match(
        answer,
        { status: 426, problem: { type: 'urn:parley:problem:version', supported: ['1.0'] } },
        version,
      )
      t.equal(answer.problem['retry'], 'later', 'what waits is kept until one of us is newer')
    }
    for (const version of ['1.0', '1.7']) {
      const request = heads({ spaces: [] })
      const headers = [...request.headers, ['parley-version', version] as const]
      t.equal((await sendRaw(node.port, { ...request, headers })).status, 200, version)
      t.equal(speaks(version), true)
    }
    const unsigned: RawRequest = {
      target: headsUrl,
      method: 'POST',
      headers: [
        ['host', acme],
        ['parley-version', '2.0'],
      ],
    }
    t.not((await sendRaw(node.port, unsigned)).status, 200)
  },
)

t.test('VER-03: a peer that speaks no version of ours is not called at all', async (t) => {
  globex.state({ versions: ['2.0', '2.1'] })
  await discover(node.context, globex.node, true)
  const asked = http.asked.length
  t.match(await callPeer(node.context, globex.node, { contract: ping }), {
    ok: false,
    failed: { reason: 'version', detail: '2.0 2.1' },
  })
  t.equal(http.asked.length, asked, 'there is nothing to fall back to')
  globex.state()
  await discover(node.context, globex.node, true)
  t.match(await callPeer(node.context, globex.node, { contract: ping }), { ok: true })
})

t.test('VER-05: a feature or version that a peer has no more is told to operators', async (t) => {
  const { db } = node.context
  await db.deleteFrom('securityEvent').execute()
  globex.state({ features: ['polls', 'files'], versions: ['1.0', '2.0'] })
  await discover(node.context, globex.node, true)
  t.strictSame(await db.selectFrom('securityEvent').selectAll().execute(), [], 'more is nothing to warn of')
  globex.state({ features: ['files'], versions: ['1.0'] })
  await discover(node.context, globex.node, true)
  t.match(await db.selectFrom('securityEvent').selectAll().execute(), [
    // No space of this version may need a feature (E20), so none has to be held.
    { kind: 'feature-gone', peer: 'globex.test', spaceId: null, detail: 'polls 2.0' },
  ])
})

t.test('VER-04: an unknown endpoint or a wrong method is a problem document, and never a page', async (t) => {
  const cases: readonly [method: string, target: string, status: number, code: string][] = [
    ['GET', '/federation/v1/nothing', 404, 'not-found'],
    ['POST', '/federation/v2/heads', 404, 'not-found'],
    ['GET', '/federation', 404, 'not-found'],
    ['GET', '/federation/v1/heads/', 404, 'not-found'],
    ['GET', '/federation/v1/heads', 405, 'method-not-allowed'],
    ['DELETE', '/federation/v1/fences', 405, 'method-not-allowed'],
    ['PUT', '/federation/v1/node', 405, 'method-not-allowed'],
    ['POST', '/.well-known/parley', 405, 'method-not-allowed'],
  ]
  for (const [method, target, status, code] of cases) {
    const answer = await sendRaw(node.port, {
      method,
      target,
      headers: [
        ['host', acme],
        ['accept', 'text/html'],
      ],
    })
    t.equal(answer.status, status, `${method} ${target}`)
    t.match(answer.headers.get('content-type'), /^application\/problem\+json/)
    t.equal(answer.problem.type, `urn:parley:problem:${code}`)
    t.equal(answer.headers.has('allow'), status === 405)
  }
})
