import { network, type Network } from './network.ts'
import type { Person } from './person.ts'

/** acme, which knows the other two, and globex and initech, which do not know each other; somebody at each. */
export type ThreeCompanies = AsyncDisposable & {
  readonly net: Network
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
}

export async function threeCompanies(): Promise<ThreeCompanies> {
  const net = await network(['acme', 'globex', 'initech'])
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  const carol = await net.person('carol', 'initech')
  await net.befriend('acme', 'globex')
  await net.befriend('acme', 'initech')
  return { net, alice, bob, carol, [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose]() }
}
