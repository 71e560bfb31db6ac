import type { Db } from '#server/db/open.ts'
import { accessFaults, agreementFaults, deliveryFaults } from './checker/between.ts'
import type { Fault, InvariantId } from './checker/fault.ts'
import { fenceFaults } from './checker/fences.ts'
import { loadReplicas, type Replicas } from './checker/load.ts'
import { logFaults } from './checker/logs.ts'
import { derivedFaults } from './checker/states.ts'

export { tell } from './checker/fault.ts'
export type { Fault, InvariantId } from './checker/fault.ts'

// The invariants of `reliability.md` §2 over what nodes have stored: linear scans, run after every network test and
// by the simulation. What only a client can see (acknowledgements, streams) the simulation checks beside this.

export type CheckedNode = { readonly id: string; readonly db: Db }

export type Check = {
  /** Nothing is under way and every fault is healed: then all copies are equal and nothing waits (I-20). */
  readonly quiescent?: boolean
  /** Invariants that this test breaks on purpose, by what it writes into a database itself. */
  readonly except?: readonly InvariantId[]
}

/** What is wrong with what these nodes hold, alone and together. */
export async function findFaults(nodes: readonly CheckedNode[], check: Check = {}): Promise<Fault[]> {
  const replicas: Replicas = new Map()
  for (const { id, db } of nodes) replicas.set(id, await loadReplicas(id, db))
  const found: Fault[] = []
  for (const node of replicas.values()) {
    found.push(...logFaults(node), ...derivedFaults(node), ...fenceFaults(node, replicas, check.quiescent))
  }
  found.push(...agreementFaults(replicas, check.quiescent), ...deliveryFaults(replicas, check.quiescent))
  if (check.quiescent) found.push(...accessFaults(replicas))
  return found.filter(({ id }) => !check.except?.includes(id))
}
