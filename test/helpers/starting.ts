import { buildEvent, type Event } from '#federation/event.ts'
import type { ContentOf } from '#schema/event/types.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { newEventId } from '#server/ports/random.ts'
import { network, type Network } from './network.ts'
import type { Person } from './person.ts'
import { share, startGroup } from './spaces.ts'

// Bob of globex is in a group that acme hosts, and starts threads there.

export type SharedGroup = AsyncDisposable & {
  readonly net: Network
  readonly alice: Person
  readonly bob: Person
  readonly group: SpaceId
}

/** The same options as for a network; `role` is bob's in the group. */
export async function sharedGroup({
  role = 'poster',
  nodes = ['acme', 'globex'],
  ...options
}: Parameters<typeof network>[1] & {
  readonly role?: string
  readonly nodes?: string[]
} = {}): Promise<SharedGroup> {
  const net = await network(nodes, options)
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const group = (await startGroup(alice, { title: 'Partners' })) as SpaceId
  await share(net, alice, group, bob, { role })
  return { net, alice, bob, group, [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose]() }
}

/** A thread as its starter sees it. */
export type Started = {
  readonly id: SpaceId
  readonly host: string
  readonly title: string
  readonly beginning: { readonly state: string; readonly code: string | null } | null
}

/** Starts a thread in groups of acme, with a first message. */
export async function start(
  person: Person,
  groups: readonly string[],
  { title = 'Delivery', text = 'When?', key }: { title?: string; text?: string | null; key?: string } = {},
): Promise<Started> {
  const { coming } = await person.ok<{ coming: string[] }>('POST', '/api/companies/preview', { groups })
  const body = {
    kind: 'thread',
    title,
    groups,
    companies: coming,
    ...(text === null ? {} : { message: { text } }),
  }
  const answer = await person.ask(
    'POST',
    '/api/spaces',
    body,
    key === undefined ? {} : { 'idempotency-key': key },
  )
  if (answer.status !== 201) throw new Error(`It was not started: ${JSON.stringify(answer.body)}`)
  return answer.body as Started
}

/** How far it has come; null when it is a space like any other, undefined when it is not to be seen. */
export async function beginningOf(person: Person, space: string): Promise<Started['beginning'] | undefined> {
  const { status, body } = await person.ask('GET', `/api/spaces/${space}`)
  return status === 404 ? undefined : (body as Started).beginning
}

/** Until the host has refused it; says why. */
export async function refusalOf(net: Network, person: Person, space: string): Promise<string | null> {
  await net.eventually(
    'the thread is refused',
    async () => (await beginningOf(person, space))?.state === 'refused',
  )
  return (await beginningOf(person, space))!.code
}

/** A genesis as a node may write it that does not mean well, of a thread in these groups. */
export function forgeGenesis(
  context: Context,
  {
    sender,
    host = 'acme.test',
    ...content
  }: Partial<ContentOf<'space.create'>> & {
    readonly sender: UserId
    readonly host?: string
  },
): Event & { readonly space: SpaceId } {
  const event = buildEvent({
    id: newEventId(context.clock, context.random),
    space: null,
    host: host as NodeId,
    origin: context.node,
    sender,
    type: 'space.create',
    content: {
      kind: 'thread',
      features: [],
      settings: { title: 'Forged' },
      recipients: { users: [], groups: [] },
      nonce: Buffer.from(context.random.bytes(16)).toString('base64url'),
      ...content,
    },
    salt: context.random.bytes(16),
    ts: context.clock.now(),
    idv: 1,
  })
  return { ...event, space: `s_${event.hash}` as SpaceId }
}
