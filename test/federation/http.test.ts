import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createSocketServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { NodeId } from '#schema/ids.ts'
import type { Http } from '#federation/transport/http.ts'
import { openHttp } from '#federation/transport/undici.ts'

// What peers answer, and do not answer, over a development peer on loopback.

const globex = 'globex.test' as NodeId
const get = {
  origin: `https://${globex}`,
  method: 'GET',
  target: '/x?a=1',
  headers: {},
  answerBytesMax: 1_000,
} as const
const never = new AbortController().signal
const timeoutsMs = { connect: 500, headers: 1_200, whole: 2_500 }

function open(t: Test, port: number): Http {
  const developmentPeers = new Map([[globex, new URL(`http://127.0.0.1:${port}`)]])
  const http = openHttp({ developmentPeers, timeoutsMs })
  t.teardown(async () => await http.close())
  return http
}

async function answering(t: Test, listener: RequestListener): Promise<Http> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close().closeAllConnections())
  return open(t, (server.address() as AddressInfo).port)
}

t.test('a mapped peer gets the request of production over a plain socket', async (t) => {
  let seen = ''
  const http = await answering(t, (request, response) => {
    const { host, 'accept-encoding': encoding, 'x-one': one } = request.headers
    seen = [request.method, request.url, host, encoding, one].join(' ')
    response.end('yes')
  })
  const sent = await http.send({ ...get, headers: { 'x-one': '1' } }, never)
  t.equal(sent.ok && Buffer.from(sent.answer.body).toString(), 'yes')
  t.equal(seen, 'GET /x?a=1 globex.test identity 1')
})

t.test('a redirect is an answer and not followed', async (t) => {
  let asked = 0
  const http = await answering(t, (_request, response) => {
    asked++
    response.writeHead(302, { location: 'https://globex.test/else' }).end()
  })
  t.match(await http.send(get, never), { ok: true, answer: { status: 302 } })
  t.equal(asked, 1)
})

const bad: readonly [name: string, listener: RequestListener, fault: object][] = [
  [
    'too large',
    (_, response) => response.end('x'.repeat(1_001)),
    { reason: 'bad-answer', detail: 'too-large' },
  ],
  [
    'endless',
    (_, response) => {
      const more = setInterval(() => response.write('x'.repeat(500)), 5)
      response.on('close', () => clearInterval(more))
    },
    { reason: 'bad-answer', detail: 'too-large' },
  ],
  [
    'compressed',
    (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}')),
    { reason: 'bad-answer', detail: 'content-encoding' },
  ],
  [
    'a byte now and then',
    (_, response) => {
      const more = setInterval(() => response.write('x'), 300)
      response.on('close', () => clearInterval(more))
    },
    { reason: 'timeout-answer', detail: 'too-slow' },
  ],
  ['nothing', () => undefined, { reason: 'timeout-answer' }],
  ['closed', (request) => request.socket.destroy(), { reason: 'connect' }],
  [
    'cut off',
    (request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('x')
      setTimeout(() => request.socket.destroy(), 20)
    },
    { reason: 'connect' },
  ],
]

for (const [name, listener, fault] of bad) {
  t.test(`an answer that is ${name} is a fault with its reason`, async (t) => {
    const http = await answering(t, listener)
    t.match(await http.send(get, never), { ok: false, fault })
  })
}

t.test('what is no HTTP is a bad answer', async (t) => {
  const server = createSocketServer((socket: Socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const http = open(t, (server.address() as AddressInfo).port)
  t.match(await http.send(get, never), { ok: false, fault: { reason: 'bad-answer', detail: 'http-syntax' } })
})

t.test('nobody listening, and a stop of our own, say so', async (t) => {
  const server = createSocketServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  t.match(await open(t, port).send(get, never), {
    ok: false,
    fault: { reason: 'connect', detail: 'econnrefused' },
  })
  const stopping = new AbortController()
  const http = await answering(t, () => stopping.abort())
  t.match(await http.send(get, stopping.signal), { ok: false, fault: { reason: 'draining' } })
})
