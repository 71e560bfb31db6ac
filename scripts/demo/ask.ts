import { request } from 'node:http'

export type Question = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly token?: string
  readonly key?: string
  readonly body?: unknown
}

export type Answer = { readonly status: number; readonly body: unknown }

const timeoutMs = 15_000

/** One request to a node of the demo. It goes to the loopback address, since Node does not resolve *.localhost. */
export async function ask(
  node: { readonly id: string; readonly port: number },
  { method, path, token, key, body }: Question,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    host: `${node.id}:${node.port}`,
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
    ...(text === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  }
  return await new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: node.port, method, path, headers, timeout: timeoutMs }
    const asking = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, body: answer === '' ? null : parse(answer) })
      })
    })
    asking.on('timeout', () =>
      asking.destroy(new Error(`${node.id} did not answer ${method} ${path} in time.`)),
    )
    asking.on('error', reject)
    asking.end(text)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
