export type InvariantId = `I-${string}`

/** A broken invariant, by its id. */
export type Fault = { readonly id: InvariantId; readonly node: string; readonly detail: string }

export function tell(faults: readonly Fault[]): string {
  return faults.map(({ id, node, detail }) => `${id} at ${node}: ${detail}`).join('\n')
}
