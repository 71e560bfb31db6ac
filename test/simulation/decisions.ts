import { readFileSync, writeFileSync } from 'node:fs'
import type { Gate } from './gates.ts'

// A history that failed is kept as what was decided, gate by gate, so that it can be played again as it was.

/** When, in virtual milliseconds since the beginning; which gate; what became of it. */
export type Decision = readonly [at: number, gate: string, fate: string]

/** Says what was decided before, as long as what waits now is what waited then. */
export type Forced = {
  /**
   * The gate that went next then, if it waits now. Whoever looks may still leave it closed; and it may come only when they
   * have looked long enough.
   */
  choose(waiting: Iterable<Gate>): Gate | undefined
  /** This gate is opened; when it is another one, nothing can be repeated from there on. */
  open(gate: Gate): void
  fateOf(id: string): string | undefined
  /** The first decision that could not be repeated. */
  readonly divergedAt: number | undefined
}

export function force(decisions: readonly Decision[]): Forced {
  const fates = new Map(decisions.map(([, id, fate]) => [id, fate]))
  let next = 0
  let divergedAt: number | undefined
  return {
    choose(waiting) {
      if (divergedAt !== undefined || next >= decisions.length) return undefined
      const id = decisions[next]![1]
      for (const gate of waiting) {
        if (gate.id === id) return gate
      }
      return undefined
    },
    open(gate) {
      if (divergedAt !== undefined || next >= decisions.length) return
      if (decisions[next]![1] === gate.id) next++
      else divergedAt = next
    },
    fateOf: (id) => fates.get(id),
    get divergedAt() {
      return divergedAt
    },
  }
}

/** What a run was started with. */
export type Recorded<O> = { readonly options: O; readonly decisions: readonly Decision[] }

/** One JSON line for the options, then one for each decision. */
export function writeDecisions<O>(path: string, { options, decisions }: Recorded<O>): void {
  writeFileSync(path, [options, ...decisions].map((line) => `${JSON.stringify(line)}\n`).join(''))
}

export function readDecisions<O>(path: string): Recorded<O> {
  const [options, ...decisions] = readFileSync(path, 'utf8').trimEnd().split('\n')
  return {
    options: JSON.parse(options!) as O,
    decisions: decisions.map((line) => JSON.parse(line) as Decision),
  }
}
