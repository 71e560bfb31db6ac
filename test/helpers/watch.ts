import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import type { StreamFrame, StreamRequest } from '#schema/stream.ts'
import type { NodeUnderTest } from './person.ts'

// `GET /api/stream` without a socket of the system: the upgrade goes into the app as a server hands it over, and
// frames come back in the same turns of the loop as everything else that a virtual clock waits for.

/** The opcode of the frame that ends a connection (RFC 6455 §5.2). */
const closing = 8

/** A stream of somebody: what they are sent, in its order. */
export type Watch = {
  readonly frames: StreamFrame[]
  ask(request: StreamRequest): void
  close(): void
}

/** Opens a stream; throws when the upgrade is refused. `onFrame` hears each frame as it comes. */
export async function watch(
  { id, app }: Pick<NodeUnderTest, 'id' | 'app'>,
  token: string | undefined,
  onFrame: (frame: StreamFrame, text: string) => void = () => undefined,
): Promise<Watch> {
  const [near, far] = duplexPair()
  const frames: StreamFrame[] = []
  let received = Buffer.alloc(0)
  let isOpen = false
  const opened = new Promise<void>((resolve, reject) => {
    near.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (!isOpen) {
        const end = received.indexOf('\r\n\r\n')
        if (end < 0) return
        const status = received.toString('latin1', 9, 12)
        if (status !== '101') return reject(new Error(`The upgrade was answered with ${status}.`))
        isOpen = true
        received = received.subarray(end + 4)
        resolve()
      }
      for (let text = takeText(); text !== undefined; text = takeText()) {
        const frame = JSON.parse(text) as StreamFrame
        frames.push(frame)
        onFrame(frame, text)
      }
    })
  })

  // Both ends: one is not told when the other goes, and who closes would wait half a minute for the answer.
  function close(): void {
    near.destroy()
    far.destroy()
  }

  /** The next text frame that has arrived whole; control frames are passed over, but for the last. */
  function takeText(): string | undefined {
    while (received.length >= 2) {
      const [size, at] = sizeOf(received)
      if (received.length < at + size) return undefined
      const opcode = received[0]! & 0x0f
      if (opcode === closing) close()
      const isText = opcode === 1
      const payload = received.subarray(at, at + size)
      received = received.subarray(at + size)
      if (isText) return payload.toString()
    }
    return undefined
  }

  app.server.emit('upgrade', upgradeRequest(id, token, far as unknown as Socket), far, Buffer.alloc(0))
  await opened
  return {
    frames,
    ask: (request) => near.write(maskedText(JSON.stringify(request))),
    close,
  }
}

function upgradeRequest(host: string, token: string | undefined, socket: Socket): IncomingMessage {
  const request = new IncomingMessage(socket)
  request.method = 'GET'
  request.url = '/api/stream'
  request.httpVersion = '1.1'
  request.headers = {
    host,
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  request.rawHeaders = Object.entries(request.headers).flatMap(([name, value]) => [name, String(value)])
  request.push(null)
  return request
}

/** How long the payload is, and where it begins; infinite as long as that cannot be read. */
function sizeOf(frame: Buffer): [size: number, at: number] {
  const short = frame[1]! & 0x7f
  if (short < 126) return [short, 2]
  if (short === 126) return frame.length < 4 ? [Infinity, 0] : [frame.readUInt16BE(2), 4]
  return frame.length < 10 ? [Infinity, 0] : [Number(frame.readBigUInt64BE(2)), 10]
}

/** A text frame of a client, under a mask of zeros. */
function maskedText(text: string): Buffer {
  const payload = Buffer.from(text)
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, Buffer.alloc(4), payload])
}
