import type { Network } from './network.ts'
import type { Person } from './person.ts'
import { auditOf } from './records.ts'
import { sharedThread, type SharedThread } from './shared-thread.ts'
import { share, textsOf } from './spaces.ts'

// Two companies that share a thread, and what can be seen of the end of it.

export type World = SharedThread & { readonly bea: Person }

/** Two of globex are in it: who of them is the last makes a difference. */
export async function sharedWithTwo(): Promise<World> {
  const shared = await sharedThread()
  const { net, alice, thread } = shared
  const bea = await net.person('bea', 'globex')
  await share(net, alice, thread, bea)
  return { ...shared, bea }
}

export async function isGoneFor(person: Person, space: string): Promise<boolean> {
  return (await textsOf(person, space)) === undefined
}

/** What was done at a node, but for changes of policies, which every network begins with. */
export async function actsAt(net: Network, node: string): Promise<string[]> {
  const acts = (await auditOf(net.node(node).context)).map(({ act }) => act)
  return acts.filter((act) => act !== 'policy.change')
}

export async function statesOf(person: Person, space: string): Promise<string[]> {
  const { removals } = await person.get<{ removals: { state: string }[] }>(`/api/spaces/${space}/removals`)
  return removals.map((removal) => removal.state)
}
