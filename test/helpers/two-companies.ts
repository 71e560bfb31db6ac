import { network, type Network } from './network.ts'
import type { Person } from './person.ts'

/** acme and globex, which are partners, and somebody at each. */
export type TwoCompanies = AsyncDisposable & {
  readonly net: Network
  readonly alice: Person
  readonly bob: Person
}

/** The same options as for a network. */
export async function twoCompanies(options?: Parameters<typeof network>[1]): Promise<TwoCompanies> {
  const net = await network(['acme', 'globex'], options)
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  return { net, alice, bob, [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose]() }
}
