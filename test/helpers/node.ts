import { createHash } from 'node:crypto'
import type { Handle, NodeId, UserId } from '#schema/ids.ts'
import type { Config } from '#server/config.ts'
import { inviteFirstOwner } from '#server/domain/enrolments.ts'
import { type Node, openNode, type Replacements } from '#server/node.ts'
import { openLogger } from '#server/ports/logger.ts'
import { memoryMark } from '#server/ports/mark-file.ts'
import { memoryKeys } from '#server/ports/node-keys.ts'
import { createTestDatabase } from './database.ts'

export type TestNodeOptions = Replacements & {
  /** `acme.localhost` when absent. */
  readonly node?: string
  readonly config?: Partial<Config>
}

type Answer = Awaited<ReturnType<Node['app']['inject']>>
type Headers = Readonly<Record<string, string>>
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Somebody who is signed in. Each write has an idempotency key of its own, unless the headers bring one. */
export type TestPerson = {
  readonly userId: UserId
  readonly handle: Handle
  readonly token: string
  request(method: Method, url: string, body?: unknown, headers?: Headers): Promise<Answer>
  get(url: string): Promise<Answer>
  post(url: string, body?: unknown, headers?: Headers): Promise<Answer>
  put(url: string, body?: unknown): Promise<Answer>
  delete(url: string): Promise<Answer>
}

export type TestNode = AsyncDisposable &
  Node & {
    /** An account and its first session. The first of a node is its owner, and invites the others. */
    signUp(handle: string, name?: string): Promise<TestPerson>
    /** Who has signed up under this handle. */
    as(handle: string): TestPerson
    /** Somebody by a session that they got in another way. */
    personWith(who: Pick<TestPerson, 'userId' | 'handle' | 'token'>): TestPerson
    /** A one-time link's token. */
    invite(): Promise<string>
  }

/** The code of a refusal; undefined for any other answer. */
export function codeOf(answer: Answer): string | undefined {
  if (answer.headers['content-type'] !== 'application/problem+json; charset=utf-8') return undefined
  return answer.json<{ type: string }>().type.slice('urn:parley:problem:'.length)
}

export const password = 'correct horse battery'

/** A whole node on a database of its own. Nothing runs in the background until `start`. */
export async function testNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const { node: name = 'acme.localhost', config, ...ports } = options
  const database = await createTestDatabase()
  const seed = createHash('sha256').update(name).digest()
  const node = await openNode(
    { ...testConfig(name as NodeId), databaseUrl: database.url, ...config },
    { keys: memoryKeys(seed), logger: openLogger('silent'), mark: memoryMark(), ...ports },
  )
  const people = new Map<string, TestPerson>()

  async function invite(): Promise<string> {
    const [owner] = people.values()
    if (!owner) return (await inviteFirstOwner(node.context))!.token
    const answer = await owner.post('/api/enrolments')
    return answer.json<{ token: string }>().token
  }

  return {
    ...node,
    invite,
    personWith: (who) => personWith(node, who),
    as: (handle) => people.get(handle)!,
    async signUp(handle, personName = handle[0]!.toUpperCase() + handle.slice(1)) {
      const token = await invite()
      const payload = { token, handle, name: personName, password }
      const answer = await node.app.inject({ method: 'POST', url: '/api/accounts', payload })
      if (answer.statusCode !== 201) throw new Error(`${handle} cannot sign up: ${answer.body}`)
      const { user, session } = answer.json() as {
        user: { id: UserId; handle: Handle }
        session: { token: string }
      }
      const person = personWith(node, { userId: user.id, handle: user.handle, token: session.token })
      people.set(handle, person)
      return person
    },
    async [Symbol.asyncDispose]() {
      await node.stop()
      await database[Symbol.asyncDispose]()
    },
  }
}

let keys = 0

function personWith(node: Node, who: Pick<TestPerson, 'userId' | 'handle' | 'token'>): TestPerson {
  async function request(
    method: Method,
    url: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<Answer> {
    const isWrite = method !== 'GET'
    return await node.app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${who.token}`,
        ...(isWrite ? { 'idempotency-key': `key-${++keys}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body as object }),
    })
  }
  return {
    ...who,
    request,
    get: async (url) => await request('GET', url),
    post: async (url, body, headers) => await request('POST', url, body, headers),
    put: async (url, body) => await request('PUT', url, body),
    delete: async (url) => await request('DELETE', url),
  }
}

/** Settings of a node that nobody reaches from outside. */
export function testConfig(node: NodeId): Config {
  return {
    node,
    publicUrl: new URL(`http://${node}:4000`),
    baseUrl: `https://${node}/federation`,
    listen: { host: '127.0.0.1', port: 0 },
    trustedProxies: ['loopback'],
    dataDirectory: '/nonexistent',
    databaseUrl: undefined,
    databaseConnections: 4,
    logLevel: 'silent',
    organisation: undefined,
    backupDays: 30,
    // Tests write faster than people.
    eventsPerUser: { perSecond: 10_000, burst: 10_000 },
    developmentPeers: undefined,
    mail: undefined,
    emailDomains: [],
    drainMs: 0,
    // The least that argon2 takes.
    passwordCost: { memory: 8, passes: 1, parallelism: 1 },
    version: '0.0.0-test',
  }
}
