import type { FastifyInstance } from 'fastify'
import type { Context } from '#server/context.ts'
import { inviteFirstOwner } from '#server/domain/enrolments.ts'

/** A node as its people reach it. */
export type NodeUnderTest = {
  readonly id: string
  readonly app: FastifyInstance
  readonly context: Context
}

export type Answer = { readonly status: number; readonly body: Record<string, unknown> }
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Somebody with a session, who does everything through the API. */
export type Person = {
  readonly id: string
  readonly handle: string
  readonly address: string
  readonly token: string
  /** Whatever comes back. */
  ask(method: Method, url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** What comes back of a request that has to succeed. */
  ok<T>(method: Method, url: string, body?: unknown): Promise<T>
  get<T>(url: string): Promise<T>
}

/** Signs somebody up: the first by the owner's link, the others by one that the owner makes. */
export async function joinNode(
  node: () => NodeUnderTest,
  owner: Person | undefined,
  handle: string,
): Promise<Person> {
  const token = owner
    ? (await owner.ok<{ token: string }>('POST', '/api/enrolments')).token
    : (await inviteFirstOwner(node().context))!.token
  const answer = await node().app.inject({
    method: 'POST',
    url: '/api/accounts',
    payload: { token, handle, name: handle, password: 'correct horse' },
  })
  if (answer.statusCode !== 201) throw new Error(`Nobody could sign up: ${answer.body}`)
  const { user, session } = answer.json() as { user: { id: string }; session: { token: string } }
  return personOf(node, { id: user.id, handle, token: session.token })
}

let keys = 0

/** Somebody by a session that they got in whatever way. */
export function personOf(
  node: () => NodeUnderTest,
  who: { readonly id: string; readonly handle: string; readonly token: string },
): Person {
  const ask: Person['ask'] = async (method, url, body, headers = {}) => {
    const answer = await node().app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${who.token}`, 'idempotency-key': `key-${++keys}`, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    return { status: answer.statusCode, body: answer.body === '' ? {} : answer.json() }
  }
  const ok = async <T>(method: Method, url: string, body?: unknown): Promise<T> => {
    const answer = await ask(method, url, body)
    if (answer.status >= 300)
      throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body as T
  }
  return { ...who, address: `@${who.handle}:${node().id}`, ask, ok, get: async (url) => await ok('GET', url) }
}
