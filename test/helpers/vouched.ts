import type { Person as Seen } from '#schema/person.ts'
import { network, type Network } from './network.ts'
import type { Person } from './person.ts'
import { share, startThread } from './spaces.ts'

/** A thread of alice's at acme that bob of globex is in, for whom gwen, its owner, stands. */
export type Vouched = {
  readonly net: Network
  readonly alice: Person
  readonly gwen: Person
  readonly bob: Person
  readonly thread: string
}

/** More nodes than acme and globex may be named; they know nobody yet. */
export async function vouched(names: readonly string[] = ['acme', 'globex']): Promise<Vouched> {
  const net = await network(names)
  const alice = await net.person('alice', 'acme')
  const gwen = await net.person('gwen', 'globex')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  return { net, alice, gwen, bob, thread }
}

/** How a viewer sees somebody in a space. */
export async function seen(viewer: Person, space: string, who: Person): Promise<Seen | undefined> {
  const { members } = await viewer.get<{ members: { person: Seen }[] }>(`/api/spaces/${space}`)
  return members.find(({ person }) => person.id === who.id)?.person
}
