import { request } from 'node:http'
import type { Socket } from 'node:net'
import type { Watching } from './order.ts'

// Streams that only count. Frames are read from the bare socket: a WebSocket client would take as much of the
// machine as the servers that are measured.

export type Watch = {
  /** Entries that have come, on all streams. */
  readonly frames: number
  /** Resolves when the first stream has shown this entry. */
  seen(space: string, seq: number): Promise<void>
  close(): void
}

type Head = { seq: number; waiting: { readonly seq: number; readonly arrived: () => void }[] }

export async function openWatch({ origin, tokens }: Watching, spaces: readonly string[]): Promise<Watch> {
  const heads = new Map<string, Head>(spaces.map((space) => [space, { seq: 0, waiting: [] }]))
  let frames = 0

  function take(text: string, isFirst: boolean): void {
    // The floor sends an entry a frame, the product those of a commit in one.
    if (!text.startsWith('{"type":"entr')) return complain(text)
    frames += text.split('"seq":').length - 1
    if (isFirst) advance(heads, text)
  }

  const sockets = await Promise.all(
    tokens.map(async (token, i) => {
      const socket = await connect(origin, token)
      readFrames(socket, (text) => take(text, i === 0))
      // From the head on: nobody is to read a history here. A position beyond it waits for it.
      for (const space of spaces) socket.write(frameOf(await subscription(origin, token, space)))
      return socket
    }),
  )

  return {
    get frames() {
      return frames
    },
    async seen(space, seq) {
      const head = heads.get(space)!
      if (head.seq >= seq) return
      await new Promise<void>((arrived) => head.waiting.push({ seq, arrived }))
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function complain(text: string): void {
  if (text.startsWith('{"type":"ended"') || text.startsWith('{"type":"error"')) console.error(text)
}

const spaceIn = /"space":"([^"]+)"/

function advance(heads: ReadonlyMap<string, Head>, text: string): void {
  const [, space = ''] = spaceIn.exec(text) ?? []
  const head = heads.get(space)
  if (!head) return
  head.seq = Number.parseInt(text.slice(text.lastIndexOf('"seq":') + '"seq":'.length), 10)
  const arrived = head.waiting.filter((one) => one.seq <= head.seq)
  if (arrived.length === 0) return
  head.waiting = head.waiting.filter((one) => one.seq > head.seq)
  for (const one of arrived) one.arrived()
}

async function subscription(origin: string, token: string, space: string): Promise<string> {
  return JSON.stringify({ type: 'subscribe', space, after: await headOf(origin, token, space) })
}

/** The floor has no such route, and its streams begin at the head anyway. */
async function headOf(origin: string, token: string, space: string): Promise<number> {
  const answer = await fetch(`${origin}/api/spaces/${space}/entries?limit=1`, {
    headers: { authorization: `Bearer ${token}` },
  })
  if (answer.status !== 200) return 0
  const { headSeq } = (await answer.json()) as { headSeq: number }
  return headSeq
}

async function connect(origin: string, token: string): Promise<Socket> {
  const asked = request(`${origin}/api/stream`, {
    headers: {
      authorization: `Bearer ${token}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    },
  })
  asked.end()
  return await new Promise((resolve, reject) => {
    asked.once('upgrade', (_answer, socket: Socket) => resolve(socket))
    asked.once('response', (answer) =>
      reject(new Error(`The stream was answered with ${answer.statusCode}.`)),
    )
    asked.once('error', reject)
  })
}

const textOpcode = 1
const pingOpcode = 9
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

/** Reads frames as servers send them: unmasked, whole, under 64 KiB. */
function readFrames(socket: Socket, take: (text: string) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (bytes: Buffer) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    let at = 0
    while (rest.length >= at + 2) {
      const isLong = rest[at + 1] === 126
      const start = at + (isLong ? 4 : 2)
      if (rest.length < start) break
      const end = start + (isLong ? rest.readUInt16BE(at + 2) : rest[at + 1]!)
      if (rest.length < end) break
      const opcode = rest[at]! % 16
      if (opcode === textOpcode) take(rest.toString('latin1', start, end))
      if (opcode === pingOpcode) socket.write(pong)
      at = end
    }
    rest = rest.subarray(at)
  })
}

/** A text frame of a client, under a mask of zeros. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text)
  const length =
    payload.length < 126
      ? [0x80 + payload.length]
      : [0xfe, Math.floor(payload.length / 256), payload.length % 256]
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), payload])
}
