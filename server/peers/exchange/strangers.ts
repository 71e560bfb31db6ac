import type { Context } from '#server/context.ts'
import { Bounded, perNode } from '../per-node.ts'

// How often an address may make us look for somebody we do not know (§19). A name costs a stranger nothing, and
// looking costs us three requests to whoever is named.

type Bucket = { readonly left: number; readonly at: number }

const bucketsOf = perNode(() => new Bounded<string, Bucket>(10_000))

const burst = 20
const perSecond = 5

/** False when this address has used up its looks for now. */
export function mayIntroduce(context: Context, address: string): boolean {
  const buckets = bucketsOf(context)
  const now = context.clock.mono()
  const { left, at } = buckets.get(address) ?? { left: burst, at: now }
  const filled = Math.min(burst, left + ((now - at) / 1000) * perSecond)
  if (filled < 1) return false
  buckets.set(address, { left: filled - 1, at: now })
  return true
}
