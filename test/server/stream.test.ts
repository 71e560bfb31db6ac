import { get } from 'node:http'
import t from 'tap'
import { WebSocket } from 'undici'
import type { StreamFrame } from '#schema/stream.ts'
import { hiccups } from '../helpers/hiccups.ts'
import { testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

// `GET /api/stream`: in order, no gap, no duplicate, resumed by position, and over when the access is.

type Listener = {
  readonly frames: StreamFrame[]
  readonly socket: WebSocket
  readonly closed: Promise<number>
  until(done: (frames: StreamFrame[]) => boolean): Promise<void>
}

async function listen(node: TestNode, person: TestPerson, query: string): Promise<Listener> {
  const frames: StreamFrame[] = []
  let wake = (): void => undefined
  const url = `${(await addressOf(node)).replace('http', 'ws')}/api/stream${query}`
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${person.token}` } })
  socket.addEventListener('message', ({ data }) => {
    frames.push(JSON.parse(String(data)) as StreamFrame)
    wake()
  })
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code))
  })
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  return {
    frames,
    socket,
    closed,
    async until(done) {
      while (!done(frames)) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

async function addressOf(node: TestNode): Promise<string> {
  return node.app.server.listening ? node.app.listeningOrigin : await node.listen()
}

/** The status that an upgrade is answered with; 101 is an open stream. */
async function upgrade(node: TestNode, headers: Record<string, string>): Promise<number> {
  const url = new URL('/api/stream', await addressOf(node))
  const asked = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
  return await new Promise((resolve, reject) => {
    const request = get(url, { agent: false, headers: { ...asked, ...key, ...headers } })
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode ?? 0)
    })
    request.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', reject)
  })
}

function seqsOf(frames: readonly StreamFrame[]): number[] {
  return frames.flatMap((frame) => (frame.type === 'entries' ? frame.entries.map(({ seq }) => seq) : []))
}

async function threadOf(person: TestPerson, people: string[] = []): Promise<string> {
  const answer = await person.post('/api/spaces', { kind: 'thread', title: 'Launch', people })
  return answer.json<{ id: string }>().id
}

t.test('JOI-06: a stream begins where the history of its reader begins', async (t) => {
  const node = await testNode()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const alice = await node.signUp('alice')
  const anna = await node.signUp('anna')
  const thread = await threadOf(alice)
  const say = async (text: string): Promise<unknown> =>
    await alice.post(`/api/spaces/${thread}/messages`, { text })
  await say('Before.')
  await alice.post(`/api/spaces/${thread}/members`, { handle: 'anna', history: 'now' })
  const stream = await listen(node, anna, `?space=${thread}&after=0`)
  await stream.until((frames) => seqsOf(frames).length === 1)
  await say('After.')
  await stream.until((frames) => seqsOf(frames).length === 2)
  t.strictSame(seqsOf(stream.frames), [3, 4])
  t.notMatch(JSON.stringify(stream.frames), 'Before.')
  stream.socket.close()
})

t.test(
  'a stream shows the log in order, and resumes after a position without gap or duplicate',
  async (t) => {
    const node = await testNode()
    t.teardown(async () => await node[Symbol.asyncDispose]())
    const alice = await node.signUp('alice')
    const thread = await threadOf(alice)
    const say = async (text: string): Promise<unknown> =>
      await alice.post(`/api/spaces/${thread}/messages`, { text })

    const first = await listen(node, alice, `?space=${thread}&after=0`)
    await Promise.all(Array.from({ length: 40 }, async (_, i) => await say(`early ${i}`)))
    await first.until((frames) => seqsOf(frames).length >= 41)
    t.strictSame(
      seqsOf(first.frames),
      Array.from({ length: 41 }, (_, i) => i + 1),
    )
    first.socket.close()

    await say('while nobody listens')
    const posting = Promise.all(Array.from({ length: 300 }, async (_, i) => await say(`late ${i}`)))
    const second = await listen(node, alice, `?space=${thread}&after=30`)
    await posting
    await second.until((frames) => seqsOf(frames).at(-1) === 342)
    t.strictSame(
      seqsOf(second.frames),
      Array.from({ length: 312 }, (_, i) => i + 31),
    )
    second.socket.close()
  },
)

t.test('W6: a space that one may not see ends like one that does not exist', async (t) => {
  const node = await testNode()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const alice = await node.signUp('alice')
  const mallory = await node.signUp('mallory')
  const thread = await threadOf(alice)
  const nowhere = `s_${'B'.repeat(42)}A`
  const stream = await listen(node, mallory, '')
  for (const space of [thread, nowhere]) {
    stream.socket.send(JSON.stringify({ type: 'subscribe', space, after: 0 }))
  }
  const ends = (frames: StreamFrame[]): StreamFrame[] => frames.filter((frame) => frame.type === 'ended')
  await stream.until((frames) => ends(frames).length === 2)
  t.match(ends(stream.frames), [{ code: 'not-found' }, { code: 'not-found' }])
  t.strictSame(seqsOf(stream.frames), [])
  stream.socket.close()
})

t.test('W6: whom the database fails at the door is told so, and may subscribe again', async (t) => {
  const ground = hiccups()
  const node = await testNode({ client: ground.client })
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const alice = await node.signUp('alice')
  const thread = await threadOf(alice)
  const stream = await listen(node, alice, '')
  const subscribe = (): void =>
    stream.socket.send(JSON.stringify({ type: 'subscribe', space: thread, after: 0 }))
  // The door is asked when one subscribes, and again by the first page.
  for (const after of [0, 1]) {
    const before = stream.frames.length
    ground.fail(/greatest\(way\.from_seq/, { after, times: 1 })
    subscribe()
    await stream.until((frames) => frames.length === before + 2)
    t.match(stream.frames.slice(before), [
      { type: 'subscribed' },
      { type: 'ended', space: thread, code: 'storage-unavailable' },
    ])
  }
  subscribe()
  await stream.until((frames) => seqsOf(frames).length === 1)
  stream.socket.close()
})

t.test('WSK-01: who is removed sees nothing more on an open stream', async (t) => {
  const node = await testNode()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const alice = await node.signUp('alice')
  const anna = await node.signUp('anna')
  const thread = await threadOf(alice, ['anna'])
  const stream = await listen(node, anna, `?space=${thread}&after=0`)
  await stream.until((frames) => seqsOf(frames).length === 1)
  await alice.delete(`/api/spaces/${thread}/members/${anna.userId}`)
  await alice.post(`/api/spaces/${thread}/messages`, { text: 'Not for anna.' })
  await stream.until((frames) => frames.some((frame) => frame.type === 'ended'))
  t.strictSame(seqsOf(stream.frames), [1])
  t.notOk(JSON.stringify(stream.frames).includes('Not for anna.'))
  stream.socket.close()
})

t.test('W1, WSK-03: a stream needs a session, and with a cookie a page of ours', async (t) => {
  const node = await testNode()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const alice = await node.signUp('alice')
  const cookie = `parley_session=${alice.token}`
  const { origin } = node.context.config.publicUrl
  t.equal(await upgrade(node, { origin }), 401)
  t.equal(await upgrade(node, { cookie }), 403)
  t.equal(await upgrade(node, { cookie, origin: 'https://evil.example' }), 403)
  t.equal(await upgrade(node, { cookie, origin }), 101)
})

t.test('W5: what is no request is answered, and too much of it ends the stream', async (t) => {
  const node = await testNode()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const alice = await node.signUp('alice')
  const stream = await listen(node, alice, '')
  for (let i = 0; i < 10; i++) stream.socket.send('nonsense')
  t.equal(await stream.closed, 1008)
  t.match(stream.frames[0], { type: 'error', code: 'invalid-request' })
})
