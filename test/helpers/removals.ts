import { network, type Network } from './network.ts'
import type { Person } from './person.ts'
import { eventuallySees, post, share, startThread, textsOf } from './spaces.ts'

// Two companies that share a thread, and what can be seen of the end of it.

export type World = AsyncDisposable & {
  net: Network
  alice: Person
  bob: Person
  bea: Person
  thread: string
}

export async function sharedThread(): Promise<World> {
  const net = await network(['acme', 'globex'])
  const alice = await net.person('alice', 'acme')
  const [bob, bea] = [await net.person('bob', 'globex'), await net.person('bea', 'globex')]
  await net.befriend('acme', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await share(net, alice, thread, bea)
  await post(alice, thread, 'Before.')
  await eventuallySees(net, bob, thread, 'Before.')
  return { net, alice, bob, bea, thread, [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose]() }
}

export async function isGoneFor(person: Person, space: string): Promise<boolean> {
  return (await textsOf(person, space)) === undefined
}

export async function auditOf(net: Network, node: string): Promise<string[]> {
  const { db } = net.node(node).context
  const rows = await db
    .selectFrom('audit')
    .select('act')
    .where('act', '<>', 'policy.change')
    .orderBy('at')
    .execute()
  return rows.map((row) => row.act)
}

export async function statesOf(person: Person, space: string): Promise<string[]> {
  const { removals } = await person.get<{ removals: { state: string }[] }>(`/api/spaces/${space}/removals`)
  return removals.map((removal) => removal.state)
}
