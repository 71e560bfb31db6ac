import type { PastEntry } from '#federation/past.ts'
import type { Hash, SpaceId } from '#schema/ids.ts'
import { lowerBase } from '#server/db/copies.ts'
import { insertEntries, insertProof } from '#server/db/entries.ts'
import { holdSpaces } from '#server/db/spaces.ts'
import type { LogPorts } from './ports.ts'
import { rowOf } from './rows.ts'

export type ApplyingPast = {
  readonly space: SpaceId
  /** The base that the entries lead to. */
  readonly base: { readonly seq: number; readonly hash: Hash }
  readonly judged: readonly PastEntry[]
  readonly proofs: ReadonlyMap<Hash, string>
  readonly proofOf: (event: Hash) => Hash | undefined
}

/**
 * Puts entries before the base of our copy. They have no effects: what they did is in the state that the copy began
 * with. False when the copy has another base meanwhile.
 */
export async function applyPast(ports: LogPorts, applying: ApplyingPast): Promise<boolean> {
  const { space, base, judged, proofs, proofOf } = applying
  const { seq, prev } = judged[0]!.entry.body
  return await ports.db.transaction().execute(async (tx) => {
    await holdSpaces(tx, [space])
    const before = { seq: seq - 1, hash: seq === 1 ? null : prev }
    if (!(await lowerBase(tx, space, base, before))) return false
    // The genesis is there since the snapshot.
    const rows = judged
      .filter(({ entry }) => entry.body.seq > 1)
      .map(({ entry, event, standing, disputed }) => {
        const more = { proofHash: proofOf(event.hash) ?? null, idempotencyKey: null, requestHash: null }
        return {
          ...rowOf({ space, entry, event, standing, disputed, digest: entry.hash }, more),
          stateDigest: null,
        }
      })
    await insertEntries(tx, rows, [])
    for (const [hash, jws] of proofs) await insertProof(tx, { spaceId: space, hash, jws })
    return true
  })
}
