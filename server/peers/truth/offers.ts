import type { Turn } from '#federation/epochs.ts'
import type { Replica, Verdict } from '#federation/replica.ts'
import type { SpaceReanchor } from '#schema/event/space-reanchor.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { findOffered, offerEpoch, stopTaking } from '#server/db/epochs.ts'
import { takingEpoch } from '#server/db/spaces.ts'
import { raise } from '../alarm.ts'

// A host has begun an epoch that our copy does not follow by itself: it holds another branch, or evidence that there is
// one. It is kept as an offer, which an administrator takes or leaves (SPEC R16).

/** The epoch of a batch into which our copy does not follow without a word of our administrators, if it has one. */
export async function findOffer(
  { db }: Context,
  verdict: Verdict,
  { space, frozen }: { readonly space: SpaceId; readonly frozen: string | null },
): Promise<Turn | undefined> {
  if (verdict.do === 'turn') return verdict.turn
  if (frozen === null) return undefined
  if (frozen !== takingEpoch) return verdict.do === 'fetch' ? verdict.turn : turnsIn(verdict).at(-1)
  // On the way to the epoch that was agreed to, its host may have begun another one.
  const agreed = await findOffered(db, space)
  const next = turnsIn(verdict).find(({ epoch }) => epoch >= (agreed?.epoch ?? 0))
  return next?.epoch === agreed?.epoch && next?.after.hash === agreed?.afterHash ? undefined : next
}

/** The epochs that a batch begins, if it would be applied. */
function turnsIn(verdict: Verdict): Turn[] {
  if (verdict.do !== 'apply') return []
  return verdict.judged.flatMap(({ event, entry }) => {
    const { after } = event.header.type === 'space.reanchor' ? (event.content as SpaceReanchor) : {}
    return after ? [{ epoch: entry.body.epoch, after }] : []
  })
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
