import type { SpaceId } from '#schema/ids.ts'
import type { network } from './network.ts'
import { eventuallySees, post, share, startThread } from './spaces.ts'
import { type TwoCompanies, twoCompanies } from './two-companies.ts'

/** A thread of alice's at acme that bob at globex reads too, with a message in it that has arrived. */
export type SharedThread = TwoCompanies & { readonly thread: SpaceId }

/** The same options as for a network. */
export async function sharedThread(options?: Parameters<typeof network>[1]): Promise<SharedThread> {
  const { net, alice, bob } = await twoCompanies(options)
  const thread = (await startThread(alice, { title: 'Launch' })) as SpaceId
  await share(net, alice, thread, bob)
  await post(alice, thread, 'Before.')
  await eventuallySees(net, bob, thread, 'Before.')
  return { net, alice, bob, thread, [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose]() }
}
