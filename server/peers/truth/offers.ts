import type { Turn } from '#federation/epochs.ts'
import type { Replica, Verdict } from '#federation/replica.ts'
import type { SpaceReanchor } from '#schema/event/space-reanchor.ts'
import type { Context } from '#server/context.ts'
import { findOffered, offerEpoch, stopTaking } from '#server/db/epochs.ts'
import { raise } from '../alarm.ts'

// A host has begun an epoch that our copy does not follow by itself: it holds another branch, or evidence that there is
// one. It is kept as an offer, which an administrator takes or leaves (SPEC R16).

/** The last epoch that a batch begins, if it would be applied. */
export function turnOf(verdict: Verdict): Turn | undefined {
  if (verdict.do === 'turn') return verdict.turn
  if (verdict.do !== 'apply') return undefined
  for (const { event, entry } of verdict.judged.toReversed()) {
    if (event.header.type !== 'space.reanchor') continue
    const { after } = event.content as SpaceReanchor
    if (after) return { epoch: entry.body.epoch, after }
  }
  return undefined
}

/** Keeps what a host offers, and tells administrators of it once. */
export async function keepOffer(
  context: Context,
  { space, host, head }: Replica,
  { turn, jws }: { readonly turn: Turn; readonly jws: string },
): Promise<void> {
  const { epoch, after } = turn
  const known = await findOffered(context.db, space)
  if (known && (known.epoch > epoch || (known.epoch === epoch && known.afterHash === after.hash))) return
  await context.db.transaction().execute(async (tx) => {
    await offerEpoch(tx, {
      spaceId: space,
      epoch,
      afterEpoch: after.epoch,
      afterSeq: after.seq,
      afterHash: after.hash,
      jws,
      at: context.clock.now(),
    })
    const detail = `epoch ${epoch} goes on from entry ${after.seq} of epoch ${after.epoch} (${after.hash}); we hold entry ${head.seq} of epoch ${head.epoch} (${head.hash})`
    await stopTaking(tx, space)
    await raise(context, tx, { kind: 'epoch-offered', peer: host, space, detail, freeze: true })
  })
  context.logger.warn({ peer: host, space, epoch }, 'A host goes on from another branch than ours.')
}
