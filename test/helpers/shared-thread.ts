import type { SpaceId } from '#schema/ids.ts'
import { network, type Network } from './network.ts'
import type { Person } from './person.ts'
import { eventuallySees, post, share, startThread } from './spaces.ts'

/** A thread of alice's at acme that bob at globex reads too, with a message in it that has arrived. */
export type SharedThread = AsyncDisposable & {
  readonly net: Network
  readonly alice: Person
  readonly bob: Person
  readonly thread: SpaceId
}

/** The same options as for a network. */
export async function sharedThread(options?: Parameters<typeof network>[1]): Promise<SharedThread> {
  const net = await network(['acme', 'globex'], options)
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const thread = (await startThread(alice, { title: 'Launch' })) as SpaceId
  await share(net, alice, thread, bob)
  await post(alice, thread, 'Before.')
  await eventuallySees(net, bob, thread, 'Before.')
  return { net, alice, bob, thread, [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose]() }
}
