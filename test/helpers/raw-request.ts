import { connect } from 'node:net'

// Requests as bytes. Clients and app.inject write headers in a form of their own: what a gate makes of repeated
// headers, absolute targets and odd lengths is seen on a socket only.

export type RawRequest = {
  readonly method?: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array
}

export type RawAnswer = {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
  readonly problem: { readonly type?: string; readonly now?: number; readonly detail?: string } & Record<
    string,
    unknown
  >
}

/** Sends one request on a connection of its own, and reads until the answer is complete or the connection ends. */
export async function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const { method = request.body ? 'POST' : 'GET', target, headers, body } = request
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  const received = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(body ? Buffer.concat([head, body]) : head))
    socket.setTimeout(5_000, () => socket.destroy(new Error('The answer took too long.')))
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (isComplete(Buffer.concat(chunks))) socket.destroy()
    })
    socket.on('error', (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks)) : reject(error)))
    socket.on('close', () => resolve(Buffer.concat(chunks)))
  })
  return parse(received)
}

function isComplete(received: Buffer): boolean {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(received.toString('latin1', 0, end))
  return length !== null && received.length >= end + 4 + Number(length[1])
}

function parse(received: Buffer): RawAnswer {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) throw new Error('The connection ended without an answer.')
  const [first = '', ...lines] = received.toString('latin1', 0, end).split('\r\n')
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
    }),
  )
  const text = received.toString('utf8', end + 4)
  const isJson = headers.get('content-type')?.includes('json') ?? false
  return {
    status: Number(first.split(' ')[1]),
    headers,
    text,
    problem: isJson ? (JSON.parse(text) as RawAnswer['problem']) : {},
  }
}
