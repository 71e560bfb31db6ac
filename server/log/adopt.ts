import { insertEntries, insertProof } from '#server/db/entries.ts'
import { type FenceDraft, issueFences } from '#server/db/fences.ts'
import type { Tx } from '#server/db/open.ts'
import { findFenceOf, restoreList } from '#server/db/restored.ts'
import { holdSpaces } from '#server/db/spaces.ts'
import { runEffects } from './effects/run.ts'
import { headBehind, placedOf, type Taking } from './judged.ts'
import type { Log, LogPorts } from './ports.ts'
import { rowOf } from './rows.ts'
import { beginSpace } from './space.ts'

// A host that was put back from a backup takes its own log back from a follower: what was judged goes into the tables
// with the effects that it had on the host, whose orders to end access are out already.

/** False: our log has moved meanwhile, which nothing but another process that does the same can have done. */
export async function adoptEntries(ports: LogPorts, log: Log, adopting: Taking): Promise<boolean> {
  const { replica, state } = adopting
  const { space } = replica
  const placed = placedOf(adopting)
  const adopted = await ports.db.transaction().execute(async (tx) => {
    const [row] = await holdSpaces(tx, [space])
    if ((row?.headHash ?? replica.head.hash) !== replica.head.hash || row?.frozen) return false
    if (!row && !(await beginSpace(tx, placed[0]!))) return false
    await writeAdopted(tx, ports, adopting)
    return true
  })
  if (adopted) log.states.put(state)
  else log.states.drop(space)
  if (adopted) log.committed(space, placed)
  return adopted
}

/** Writes entries behind the head, in a transaction that holds the space. */
export async function writeAdopted(tx: Tx, ports: LogPorts, adopting: Taking): Promise<void> {
  const { replica, proofs, proofOf } = adopting
  const { space } = replica
  const placed = placedOf(adopting)
  const rows = placed.map((entry) =>
    rowOf(entry, {
      proofHash: proofOf(entry.event.hash) ?? null,
      idempotencyKey: null,
      requestHash: null,
    }),
  )
  await insertEntries(tx, rows, [headBehind(adopting, placed)])
  for (const [hash, jws] of proofs) await insertProof(tx, { spaceId: space, hash, jws })
  await order(tx, ports, await runEffects(tx, placed, ports, true))
}

/** Orders that nobody has got are given now; of the others we know again what they were about. */
async function order(tx: Tx, { node }: LogPorts, drafts: readonly FenceDraft[]): Promise<void> {
  const missing: FenceDraft[] = []
  for (const draft of drafts) {
    const fence = await findFenceOf(tx, node, draft)
    if (!fence) missing.push(draft)
    else if (fence.action === 'purge') await restoreList(tx, fence, draft.lost)
  }
  await issueFences(tx, node, missing)
}
