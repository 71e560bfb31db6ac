import type { SpaceState } from '#federation/state.ts'
import type { SpaceId } from '#schema/ids.ts'

// State of spaces in memory. It is never believed on its own: who uses it compares (epoch, state_seq,
// state_hash) with the row that it has locked, and loads the rows when they differ (A3, A12).

export type States = {
  get(space: SpaceId): SpaceState | undefined
  /** Only after the commit is known to have succeeded. */
  put(state: SpaceState): void
  drop(space: SpaceId): void
}

const spacesMax = 5_000

export function openStates(): States {
  // A Map iterates in the order of insertion, so that the first is the one used longest ago.
  const states = new Map<SpaceId, SpaceState>()
  return {
    get(space) {
      const state = states.get(space)
      if (state) {
        states.delete(space)
        states.set(space, state)
      }
      return state
    },
    put(state) {
      states.delete(state.id)
      states.set(state.id, state)
      if (states.size > spacesMax) states.delete(states.keys().next().value!)
    },
    drop(space) {
      states.delete(space)
    },
  }
}
