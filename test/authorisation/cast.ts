import { sql } from 'kysely'
import { network, type Network } from '../helpers/network.ts'
import type { NodeUnderTest, Person } from '../helpers/person.ts'
import { watch, type Watch } from '../helpers/watch.ts'

// Who asks. acme hosts; globex follows; initech knows acme, and takes part in nothing.

export const actors = [
  /** Without a session. */
  'anonymous',
  /** With a session of another node, shown to ours. */
  'stranger',
  /** Takes part from globex, and asks there. */
  'external',
  /** A colleague of theirs who does not take part. */
  'neighbour',
  /** Took part from globex. */
  'formerExternal',
  /** A free account at acme that takes part. */
  'guest',
  /** Took part, at acme. */
  'removed',
  /** A member of the workspace who does not take part. */
  'other',
  /** Takes part, may invite, decides nothing. */
  'member',
  /** Started the thread and the groups. */
  'admin',
  /** Owns the workspace of acme, and takes part in nothing. */
  'owner',
] as const
export type Actor = (typeof actors)[number]

/** Who may have an account at the node that they ask. */
export const signedIn = actors.filter((actor) => actor !== 'anonymous' && actor !== 'stranger')

export type Asked = {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: object
}

export type Reply = {
  readonly status: number
  /** The code of a refusal. */
  readonly code: string | undefined
  /** All that was said, but for the time and the instance, which are never the same. */
  readonly said: string
  readonly body: string
}

export type Cast = AsyncDisposable & {
  readonly net: Network
  readonly people: Readonly<Record<Exclude<Actor, 'anonymous'>, Person>>
  /** Colleagues, here and at globex, who share nothing with any of them. */
  readonly hermit: Person
  readonly hermitAbroad: Person
  ask(actor: Actor, route: { readonly method: string; readonly url: string }, asked: Asked): Promise<Reply>
  watch(actor: Actor): Promise<Watch>
}

export async function openCast(): Promise<Cast> {
  const net = await network(['acme', 'globex', 'initech'])
  const owner = await net.person('olga', 'acme')
  await net.person('gwen', 'globex')
  const stranger = await net.person('ivy', 'initech')
  await net.befriend('acme', 'globex')
  await net.befriend('acme', 'initech')
  const people = {
    stranger,
    external: await net.person('bob', 'globex'),
    neighbour: await net.person('nina', 'globex'),
    formerExternal: await net.person('fred', 'globex'),
    guest: await net.person('gus', 'acme'),
    removed: await net.person('rem', 'acme'),
    other: await net.person('otto', 'acme'),
    member: await net.person('mia', 'acme'),
    admin: await net.person('alice', 'acme'),
    owner,
  }
  await makeGuest(net, people.guest)
  const hermit = await net.person('hermit', 'acme')
  const hermitAbroad = await net.person('hermia', 'globex')
  return {
    net,
    people,
    hermit,
    hermitAbroad,
    watch: async (actor) =>
      await watch(nodeOf(net, actor), actor === 'anonymous' ? undefined : people[actor].token),
    ask: async (actor, route, asked) => await ask(net, people, actor, route, asked),
    [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose](),
  }
}

async function makeGuest(net: Network, { id }: Person): Promise<void> {
  const { db } = net.node('acme').context
  await sql`alter table account drop constraint if exists account_role_check`.execute(db)
  await db
    .updateTable('account')
    .set({ role: 'guest' })
    .where('userId', '=', id as never)
    .execute()
  await db
    .updateTable('user')
    .set({ kind: 'guest' })
    .where('id', '=', id as never)
    .execute()
}

const atGlobex: readonly Actor[] = ['external', 'neighbour', 'formerExternal']

function nodeOf(net: Network, actor: Actor): NodeUnderTest {
  return net.node(atGlobex.includes(actor) ? 'globex' : 'acme')
}

let keys = 0

async function ask(
  net: Network,
  people: Cast['people'],
  actor: Actor,
  route: { readonly method: string; readonly url: string },
  { params = {}, query = '', body }: Asked,
): Promise<Reply> {
  const node = nodeOf(net, actor)
  const url = route.url.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const token = actor === 'anonymous' ? undefined : people[actor].token
  const answer = await node.app.inject({
    method: route.method as 'GET',
    url: `${url}${query}`,
    headers: {
      'idempotency-key': `matrix-${++keys}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { payload: body }),
  })
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json')
  const { date: _date, 'set-cookie': _cookie, ...headers } = answer.headers
  return {
    status: answer.statusCode,
    code: isProblem ? answer.json<{ type: string }>().type.split(':').at(-1) : undefined,
    said: JSON.stringify([headers, answer.body]).replace(/urn:uuid:[0-9a-f-]{36}/, 'urn:uuid:'),
    body: answer.body,
  }
}
