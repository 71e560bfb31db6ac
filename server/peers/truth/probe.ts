import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { compareHeads, getHead } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { findEntryHash } from '#server/db/entries.ts'
import { noteProbe } from '#server/db/probes.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { callPeer } from '../exchange/call.ts'
import { confront, ourCheckpoint } from './confront.ts'
import { readCheckpoint } from './evidence.ts'

/**
 * Compares heads of logs that a third node hosts with another one that follows them too (A27). Ours go with their
 * checkpoints, so that the other side can show what we cannot where it is further than we are.
 */
export async function probeSpaces(context: Context, node: NodeId, spaces: readonly SpaceId[]): Promise<void> {
  const asked: { readonly row: SpaceRow; readonly proof: string }[] = []
  for (const space of spaces.slice(0, limits.probesMax)) {
    const row = await findSpace(context.db, space)
    const checkpoint = row && (await ourCheckpoint(context, row))
    // A copy that is just being moved on is compared the next time.
    if (row && checkpoint?.payload.seq === row.headSeq) asked.push({ row, proof: checkpoint.text })
  }
  if (asked.length === 0) return
  const answer = await callPeer(context, node, {
    contract: compareHeads,
    body: {
      spaces: asked.map(({ row }): [SpaceId, number, number, Hash] => [
        row.id,
        row.epoch,
        row.headSeq,
        row.headHash,
      ]),
      proofs: asked.map(({ proof }) => proof),
    },
  })
  if (!answer.ok) return
  const now = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    for (const { row } of asked) await noteProbe(tx, { spaceId: row.id, seq: row.headSeq, node, at: now })
  })
  const known = new Map(asked.map(({ row }) => [row.id, row]))
  for (const [space, , seq, hash] of answer.value.differ) {
    const row = known.get(space)
    if (!row) continue
    // It is only behind us, on the same way.
    if ((await findEntryHash(context.db, space, seq)) === hash) continue
    await askHead(context, node, row)
  }
}

/** What another node says its head is becomes evidence only with the checkpoint that it has from the host. */
async function askHead(context: Context, node: NodeId, { id: space, host }: SpaceRow): Promise<void> {
  const answer = await callPeer(context, node, { contract: getHead, params: { space }, space })
  if (!answer.ok) return
  const other = await readCheckpoint(context, host, answer.value.checkpoint)
  if (other.ok) await confront(context, space, { other: other.value })
}

/**
 * What the host of a log says its head is, against what we have signed that we keep: a head that does not extend it is
 * another log. Pulling would not show that where the host's is no longer than ours.
 */
export async function compareWithHost(
  context: Context,
  head: { readonly host: NodeId; readonly space: SpaceId; readonly seq: number; readonly hash: Hash },
): Promise<void> {
  const { host, space, seq, hash } = head
  const ours = await findEntryHash(context.db, space, seq)
  if (ours === undefined || ours === hash) return
  const row = await findSpace(context.db, space)
  if (row?.host === host) await askHead(context, host, row)
}
