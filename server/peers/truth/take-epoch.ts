import type { Hash, SpaceId } from '#schema/ids.ts'
import { pullEntries } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { type AuditRow, insertAudit } from '#server/db/audit.ts'
import { cutBack } from '#server/db/cuts.ts'
import { findEntryHash } from '#server/db/entries.ts'
import { findOffered } from '#server/db/epochs.ts'
import { findSpace, holdSpaces, takingEpoch } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { reasonOf } from '../recovery/ask.ts'
import { pullSpace } from '../log/pull.ts'
import { readEntries } from '../log/receive.ts'
import { refuseCut } from './branches.ts'
import { findFork } from './fork.ts'

// An administrator of a follower says that we go with the epoch that the host has begun (SPEC R16). What our copy holds
// beyond the last common entry is put aside, and the rest comes as ever.

export type Taking = {
  readonly space: SpaceId
  readonly epoch: number
  /** The last entry that the epoch goes on from, as it was shown. */
  readonly hash: Hash
}

/** Takes the offered epoch. Returns whether the log is in it now; otherwise it comes when the host is reached. */
export async function takeEpoch(
  context: Context,
  { space, epoch, hash }: Taking,
  audit: AuditRow,
): Promise<{ epoch: number; taken: boolean }> {
  const row = await findSpace(context.db, space)
  const offered = await findOffered(context.db, space)
  if (!row || !offered || row.host === context.node) throw new Refusal('not-found')
  if (offered.epoch !== epoch || offered.afterHash !== hash) throw new Refusal('log-moved')
  const from = Math.max(row.snapshotSeq, row.baseSeq, 1)
  const upTo = Math.min(row.headSeq, offered.afterSeq)
  const fork = await findFork(from, upTo, async (seq) => await isCommon(context, space, row.host, seq))
  if (fork === undefined) throw new Refusal('too-far-back')
  try {
    await context.db.transaction().execute(async (tx) => {
      const [held] = await holdSpaces(tx, [space])
      if (held?.headHash !== row.headHash || held.purging || held.frozen === null)
        throw new Refusal('log-moved')
      await cutBack(tx, held, fork, context.clock.now())
      await tx.updateTable('space').set({ frozen: takingEpoch }).where('id', '=', space).execute()
      await insertAudit(tx, audit)
    })
  } catch (error) {
    throw refuseCut(error)
  } finally {
    context.log.states.drop(space)
  }
  context.live.recheck({ space })
  await pullSpace(context, row.host, space)
  const now = await findSpace(context.db, space)
  return { epoch: now?.epoch ?? row.epoch, taken: now?.frozen === null }
}

/** Does the host hold our entry of this seq? What it has behind it names it as the one before. */
async function isCommon(
  context: Context,
  space: SpaceId,
  host: Parameters<typeof pullSpace>[1],
  seq: number,
): Promise<boolean> {
  const row = await findSpace(context.db, space)
  const ours = seq === row?.baseSeq ? row.baseHash : await findEntryHash(context.db, space, seq)
  const answer = await callPeer(context, host, {
    contract: pullEntries,
    params: { space },
    query: { after: seq, limit: 1 },
    space,
  })
  if (!answer.ok) throw new Refusal('peer-unreachable', { reason: reasonOf(answer) })
  return readEntries(answer.value)[0]?.entry.body.prev === ours
}
