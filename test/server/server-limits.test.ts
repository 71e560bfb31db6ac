import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { WireEndpoint } from '#schema/wire/endpoint.ts'
import * as contracts from '#schema/wire/endpoints.ts'
import { type FederationNode, openFederationNode } from '../helpers/federation-node.ts'
import { openPartner, signedRequest } from '../helpers/partner.ts'
import { sendRaw } from '../helpers/raw-request.ts'
import { ScriptedHttp, type ScriptedPeer } from '../helpers/scripted-peer.ts'

// What a node puts up with on its sockets: sizes, slowness, and bytes that are no HTTP.

const acme = 'acme.test' as NodeId
type World = { readonly node: FederationNode; readonly globex: ScriptedPeer }

async function openWorld(t: Test): Promise<World> {
  const http = new ScriptedHttp()
  const node = await openFederationNode(acme, http)
  t.teardown(async () => await node[Symbol.asyncDispose]())
  return { node, globex: await openPartner(node, http, { node: 'globex.test', seed: 1 }) }
}

t.test('DOS-01: a body that is one byte too long is refused before any of it is read', async (t) => {
  const { node, globex } = await openWorld(t)
  const all: readonly WireEndpoint[] = Object.values(contracts)
  for (const { method, url, bodyBytesMax = limits.apiBodyBytesMax } of all) {
    if (method !== 'POST') continue
    const target = `/federation${url.replaceAll(/:[a-z]+/g, 'x'.repeat(8))}`
    const { headers } = signedRequest(globex, { to: acme, target, body: Buffer.from('{}') })
    const claimed = headers.map(([name, value]): [string, string] => [
      name,
      name === 'content-length' ? String(bodyBytesMax + 1) : value,
    ])
    // Not one byte of the body is sent, and the answer does not wait for it.
    const answer = await sendRaw(node.port, { method, target, headers: claimed })
    t.match(answer, { status: 413, problem: { type: 'urn:parley:problem:too-large' } }, url)
    t.match(answer.problem.detail, `limit ${bodyBytesMax}`)
    t.equal(answer.headers.get('connection'), 'close')
  }
  const api = await sendRaw(node.port, {
    method: 'POST',
    target: '/api/sessions',
    headers: [
      ['host', acme],
      ['content-type', 'application/json'],
      ['content-length', String(limits.apiBodyBytesMax + 1)],
    ],
  })
  t.match(api, { status: 413, problem: { limit: limits.apiBodyBytesMax } })
})

t.test('DOS-01: a length that is not said is counted while it comes', async (t) => {
  const { node, globex } = await openWorld(t)
  const target = '/federation/v1/hello'
  const body = Buffer.alloc(64 * 1024 + 1, ' ')
  const { headers } = signedRequest(globex, { to: acme, target, body })
  const chunked = headers.map(([name, value]): [string, string] =>
    name === 'content-length' ? ['transfer-encoding', 'chunked'] : [name, value],
  )
  const size = Buffer.from(`${body.length.toString(16)}\r\n`)
  const answer = await sendRaw(node.port, { target, headers: chunked, body: Buffer.concat([size, body]) })
  t.equal(answer.status, 413, 'before the chunk ends')
})

t.test(
  'X6: more than a batch holds, or deeper than anything, is refused with what is too much',
  async (t) => {
    const { node, globex } = await openWorld(t)
    const space = `s_${'A'.repeat(43)}`
    const entry = { entry: '{}', event: { header: '{}', salt: null, content: null } }
    const event = { header: '{}', salt: null, content: null }
    const many = <T>(n: number, value: T): T[] => Array<T>(n).fill(value)
    const batch = { checkpoint: 'e30.e30.AAAA', proofs: [] }
    const line = [space, 1, 1, 'A'.repeat(43)]
    let deep: unknown = 1
    for (let n = 0; n < 17; n++) deep = [deep]
    const cases: readonly [target: string, body: object, code: string, detail: RegExp][] = [
      [`/v1/spaces/${space}/entries`, { ...batch, entries: many(201, entry) }, 'schema', /^body\.entries$/],
      [`/v1/spaces/${space}/submit`, { events: many(51, event), proof: 'x' }, 'schema', /^body\.events$/],
      ['/v1/heads', { spaces: many(1_001, line) }, 'json-strict', /elements/],
      ['/v1/heads', { spaces: [], deep }, 'json-strict', /depth/],
    ]
    for (const [path, body, code, detail] of cases) {
      const target = `/federation${path}`
      const request = signedRequest(globex, { to: acme, target, body: Buffer.from(JSON.stringify(body)) })
      const answer = await sendRaw(node.port, request)
      t.match(answer, { status: 400, problem: { type: `urn:parley:problem:${code}`, detail } }, path)
    }
  },
)

/** What the node makes of a connection: resolves with what it said when it has ended it. */
async function ended(socket: Socket): Promise<string> {
  let said = ''
  socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('close', resolve))
  return said
}

async function open(port: number, first: string | Buffer = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(first)
  return socket
}

t.test(
  'DOS-02: slow heads, slow bodies and idle connections are cut off, and others are served meanwhile',
  async (t) => {
    const { node, globex } = await openWorld(t)
    const { server } = node.app
    t.match(server, {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
    })
    Object.assign(server, { headersTimeout: 400, requestTimeout: 800, keepAliveTimeout: 400 })
    const target = '/federation/v1/heads'
    const { headers } = signedRequest(globex, { to: acme, target, body: Buffer.from('{"spaces":[]}') })
    const head = `POST ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    const sockets = [
      await open(node.port, 'GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: '),
      await open(node.port, `${head}{`),
      await open(node.port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'),
      ...(await Promise.all(Array.from({ length: 1_000 }, async () => await open(node.port)))),
    ]
    const drip = setInterval(() => {
      for (const socket of sockets.slice(0, 2)) if (socket.writable) socket.write(' ')
    }, 100)
    const ends = sockets.map(ended)
    const health = await sendRaw(node.port, { target: '/healthz', headers: [['host', 'x']] })
    t.equal(health.status, 200, 'a thousand connections keep nobody out')
    const [slowHead, slowBody, idle] = await Promise.all(ends)
    clearInterval(drip)
    t.match(slowHead, /^HTTP\/1\.1 408 /)
    t.match(slowBody, /^HTTP\/1\.1 408 /)
    t.match(idle, /^HTTP\/1\.1 200 /, 'served, and closed when nothing more came')
  },
)

t.test('DOS-10: what is no HTTP ends its own connection, and nothing else', async (t) => {
  const { node } = await openWorld(t)
  const garbage: readonly (readonly [name: string, bytes: string | Buffer])[] = [
    ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex')],
    ['TLS that is none', Buffer.from('1603ffffffffffff00ff', 'hex')],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\x04\0\0\0\0\0'],
    ['HTTP/2 that is none', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff'],
    ['a length that is none', 'POST /api/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'],
    [
      'two lengths',
      'POST /api/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    ],
    [
      'a chunk that is none',
      'POST /api/sessions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    ],
    [
      'an upgrade to nothing',
      'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n\0\0',
    ],
    ['noise', Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 7919) % 256))],
  ]
  for (const [name, bytes] of garbage) {
    const socket = await open(node.port, bytes)
    const end = ended(socket)
    socket.end()
    t.type(await end, 'string', name)
  }
  const alice = await node.signUp('alice')
  const upgrade = [
    'GET /api/stream HTTP/1.1',
    'host: x',
    `authorization: Bearer ${alice.token}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  ].join('\r\n')
  for (const frame of [
    '81ffffffffffffffffff00000000',
    '81fe00100000000061',
    'f1800000000000',
    '8f8000000000',
  ]) {
    const socket = await open(node.port, `${upgrade}\r\n\r\n`)
    const said = ended(socket)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.end(Buffer.from(frame, 'hex'))
    t.match(await said, /^HTTP\/1\.1 101 /, `a frame ${frame}`)
  }
  t.equal(
    (await sendRaw(node.port, { target: '/healthz', headers: [['host', 'x']] })).status,
    200,
    'it lives',
  )
})
