import type { AddressInfo } from 'node:net'
import t from 'tap'
import { limits } from '#schema/limits.ts'
import { sendRaw } from '../helpers/raw-request.ts'
import { codeOf, testNode, type TestNode } from '../helpers/node.ts'

// What every endpoint of the client API does alike. POST /api/sessions stands for those with a body.

const good = '{"handle":"alice","password":"correct horse battery"}'

async function post(node: TestNode, payload: string | Buffer, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/json' }
  return await node.app.inject({
    method: 'POST',
    url: '/api/sessions',
    payload,
    headers: { ...type, ...headers },
  })
}

t.test('[R2] a body that is not strict JSON is refused, and the offset says where', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  t.equal((await post(node, good)).statusCode, 201)
  const deep = `${'['.repeat(17)}${']'.repeat(17)}`
  const bad: [what: string, body: string | Buffer, offset?: number][] = [
    ['no JSON', 'hello', 0],
    ['nothing', '', 0],
    ['a byte order mark', `\ufeff${good}`, 0],
    ['something after it', `${good} x`, good.length + 1],
    ['a name twice', '{"handle":"alice","handle":"bob","password":"x"}'],
    ['half a surrogate pair', '{"handle":"\\ud800","password":"x"}'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['too deep nesting', deep],
    ['a number beyond all bounds', '{"handle":1e400,"password":"x"}'],
  ]
  for (const [what, body, offset] of bad) {
    const refused = await post(node, body)
    t.equal(codeOf(refused), 'malformed-json', what)
    if (offset !== undefined) t.match(refused.json(), { offset }, what)
  }
  t.notMatch((await post(node, '{"handle":"SECRET')).body, 'SECRET')
})

t.test('[R3] a body of another type, another charset or with an encoding is refused', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset=UTF-8',
  ]) {
    t.equal((await post(node, good, { 'content-type': type })).statusCode, 201, type)
  }
  const types = [
    'text/plain',
    'application/json; charset=utf-16',
    'application/json+x',
    'application/jsonx',
    'x',
  ]
  for (const type of types) {
    t.equal(codeOf(await post(node, good, { 'content-type': type })), 'unsupported-media-type', type)
  }
  t.equal(codeOf(await post(node, good, { 'content-encoding': 'gzip' })), 'unsupported-media-type')
})

t.test('[R4] a body one byte over the limit is refused with the limit', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const fill = (bytes: number) => good + ' '.repeat(bytes - good.length)
  t.equal((await post(node, fill(limits.apiBodyBytesMax))).statusCode, 201)
  const refused = await post(node, fill(limits.apiBodyBytesMax + 1))
  t.equal(codeOf(refused), 'too-large')
  t.match(refused.json(), { limit: limits.apiBodyBytesMax })
})

t.test('[R5] properties that the contract does not have are refused by name', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const withMore = async (name: string) => await post(node, `{"${name}":{},${good.slice(1)}`)
  t.equal(codeOf(await withMore('extra')), 'unknown-property')
  t.match((await withMore('extra')).json(), { errors: [{ path: 'body.extra', rule: 'unknown-property' }] })
  for (const name of ['__proto__', 'constructor'])
    t.equal(codeOf(await withMore(name)), 'unknown-property', name)
  const alice = node.as('alice')
  t.equal(codeOf(await alice.get('/api/me?verbose=1')), 'unknown-property')
  t.equal(
    codeOf(await alice.post('/api/enrolments', { role: 'owner' })),
    'unknown-property',
    'no body at all',
  )
  t.equal((await post(node, good)).statusCode, 201)
})

t.test('what has the wrong shape is refused with the place and the rule, never with the value', async (t) => {
  await using node = await testNode()
  const refused = await post(node, '{"handle":"SECRET","password":7}')
  t.equal(codeOf(refused), 'invalid-request')
  t.match(refused.json(), {
    errors: [
      { path: 'body.handle', rule: 'invalid-format' },
      { path: 'body.password', rule: 'invalid-type' },
    ],
  })
  t.notMatch(refused.body, 'SECRET')
})

t.test('[R7] an id of the wrong form is answered like one that nobody has', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  const words = async (id: string) => {
    const { instance: _, ...problem } = (await alice.get(`/api/spaces/${id}`)).json() as { instance: string }
    return problem
  }
  const unknown = await words(`s_${'A'.repeat(43)}`)
  t.match(unknown, { status: 404, type: 'urn:parley:problem:not-found' })
  for (const id of ['1', `S_${'A'.repeat(43)}`, `s_${'A'.repeat(44)}`, alice.userId, '%00', '%2e%2e']) {
    t.same(await words(id), unknown, id)
  }
})

t.test('[R8] a write that could be done twice needs a key', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  const create = async (key: string) =>
    await alice.post('/api/spaces', { kind: 'group', title: 'Plans' }, { 'idempotency-key': key })
  for (const key of ['', ' ', 'two words', 'ü', 'k'.repeat(65)]) {
    t.equal(codeOf(await create(key)), 'idempotency-key-required', key)
  }
  t.equal((await create('k'.repeat(64))).statusCode, 201)
})

t.test('[R15] a method that a resource does not have is refused with those that it has', async (t) => {
  await using node = await testNode()
  const ask = async (method: 'GET' | 'HEAD' | 'PUT' | 'OPTIONS', url: string) =>
    await node.app.inject({ method, url })
  const refused = await ask('PUT', '/api/sessions')
  t.equal(codeOf(refused), 'method-not-allowed')
  t.equal(refused.headers.allow, 'GET, HEAD, POST, OPTIONS')
  t.equal((await ask('OPTIONS', '/healthz')).statusCode, 204)
  t.equal((await ask('OPTIONS', '/healthz')).headers.allow, 'GET, HEAD, OPTIONS')
  const head = await ask('HEAD', '/healthz')
  t.equal(head.statusCode, 200)
  t.equal(head.body, '')
  t.equal(codeOf(await ask('PUT', '/api/nothing')), 'not-found')
  t.equal(codeOf(await ask('OPTIONS', '/api/nothing')), 'not-found')
})

t.test('[R15] requests that are sent in a wrong way are refused before anything reads them', async (t) => {
  await using node = await testNode()
  await node.listen()
  const { port } = node.app.server.address() as AddressInfo
  const host = ['host', 'acme.localhost'] as const
  const status = async (
    target: string,
    headers: readonly (readonly [string, string])[] = [host],
    method = 'GET',
  ) => {
    const answer = await sendRaw(port, { method, target, headers })
    t.equal(
      answer.headers.get('content-type')?.split(';')[0],
      'application/problem+json',
      target.slice(0, 40),
    )
    return answer.status
  }
  t.equal(await status('http://acme.localhost/healthz'), 400, 'an absolute target')
  t.equal(await status('/healthz', [host, host]), 400, 'two hosts')
  t.equal(await status('/healthz', []), 400, 'no host')
  t.equal(await status('/%zz'), 400, 'a broken escape')
  t.equal(await status(`/${'x'.repeat(limits.urlBytesMax)}`), 414, 'a long target')
  const many = Array.from({ length: 100 }, (_, i) => [`x-${i}`, 'y'] as const)
  t.equal(await status('/healthz', [host, ...many]), 431, 'a hundred headers')
  t.equal(await status('/healthz', [host, ['x', 'y'.repeat(limits.headersBytesMax)]]), 431, 'a long header')
  t.equal(await status('/healthz', [host], 'TRACE'), 405)
  t.equal(await status('/healthz', [host], 'NOTHING'), 400)
  t.equal((await sendRaw(port, { target: '/healthz', headers: [host] })).status, 200)
})

t.test('[R4] a body that is longer or shorter than it says ends with the connection', async (t) => {
  await using node = await testNode()
  await node.listen()
  const { port } = node.app.server.address() as AddressInfo
  const send = async (body: string, length: string) =>
    await sendRaw(port, {
      target: '/api/sessions',
      headers: [
        ['host', 'acme.localhost'],
        ['content-type', 'application/json'],
        ['content-length', length],
      ],
      body: Buffer.from(body),
    })
  t.equal((await send(good, String(limits.apiBodyBytesMax + 1))).status, 413, 'refused before it has come')
  t.equal((await send(good, '10')).status, 400, 'the rest is no request')
  t.equal((await send(good, '-1')).status, 400)
})

t.test('[R18] a fault says where its cause is found, and nothing else', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  await node.context.db.schema.dropTable('enrolment').execute()
  const answer = await alice.post('/api/enrolments')
  t.equal(codeOf(answer), 'internal')
  t.same(Object.keys(answer.json<object>()).toSorted(), [
    'detail',
    'instance',
    'retry',
    'status',
    'title',
    'type',
  ])
  t.equal((await alice.get('/api/me')).statusCode, 200)
})

t.test('answers tell browsers to keep nothing, guess nothing and run nothing', async (t) => {
  await using node = await testNode()
  for (const url of ['/healthz', '/api/nothing']) {
    t.match((await node.app.inject(url)).headers, {
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    })
  }
})
