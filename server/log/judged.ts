import type { Judged, Replica } from '#federation/replica.ts'
import type { SpaceState } from '#federation/state.ts'
import type { Hash } from '#schema/ids.ts'
import type { NewHead } from '#server/db/entries.ts'
import type { Placed } from './intent.ts'

/** Entries of somebody else's making that `federation/replica.ts` has judged, on their way into the tables. */
export type Taking = {
  readonly replica: Replica
  readonly judged: readonly Judged[]
  /** Behind the last of them. */
  readonly state: SpaceState
  /** The proofs by the hash of their signing input, and which of them covers an event. */
  readonly proofs: ReadonlyMap<Hash, string>
  readonly proofOf: (event: Hash) => Hash | undefined
}

export function placedOf({ replica: { space }, judged }: Taking): Placed[] {
  return judged.map(({ entry, event, digest, standing, disputed }) => {
    return { space, entry, event, digest, standing, disputed }
  })
}

/** Where the space's log and state stand behind the last of them. */
export function headBehind({ state }: Taking, placed: readonly Placed[]): NewHead {
  const { space, entry, digest } = placed.at(-1)!
  const { epoch, seq, at } = entry.body
  const { stateSeq, stateHash } = state
  return { id: space, epoch, seq, hash: entry.hash, at, digest, stateSeq, stateHash }
}
