import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { pullEntries } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { type AuditRow, insertAudit } from '#server/db/audit.ts'
import { cutBack } from '#server/db/cuts.ts'
import { findEntryHash } from '#server/db/entries.ts'
import { findBefore, findOffered, type OfferedEpoch } from '#server/db/epochs.ts'
import { findSpace, holdSpaces, type SpaceRow, takingEpoch } from '#server/db/spaces.ts'
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

/**
 * Takes the offered epoch. Returns whether the log is in it now; otherwise it comes when the host is reached. Asked again
 * it says the same, since whoever asks may not have heard the answer, and another process of ours may do the same.
 */
export async function takeEpoch(
  context: Context,
  taking: Taking,
  audit: AuditRow,
): Promise<{ epoch: number; taken: boolean }> {
  const { space } = taking
  const row = await findSpace(context.db, space)
  if (!row || row.host === context.node) throw new Refusal('not-found')
  if (await isTaken(context, row, taking)) return { epoch: row.epoch, taken: true }
  const offered = await findOffered(context.db, space)
  if (!offered) throw new Refusal('not-found')
  if (!isOf(offered, taking)) throw new Refusal('log-moved')
  if (row.frozen !== takingEpoch) await agree(context, row, offered, audit)
  context.live.recheck({ space })
  await pullSpace(context, row.host, space)
  const now = await findSpace(context.db, space)
  return { epoch: now?.epoch ?? row.epoch, taken: now?.frozen === null }
}

function isOf(offered: OfferedEpoch, { epoch, hash }: Taking): boolean {
  return offered.epoch === epoch && offered.afterHash === hash
}

/** Is our log in this epoch already, behind just this entry? */
async function isTaken(context: Context, row: SpaceRow, { epoch, hash }: Taking): Promise<boolean> {
  return row.epoch === epoch && (await findBefore(context.db, row.id, epoch))?.hash === hash
}

/**
 * Cuts our copy back to what it has in common with the host. From then on it takes in what comes, up to the epoch. One that
 * does not go back so far stays as it is until a snapshot takes its place.
 */
async function agree(context: Context, row: SpaceRow, offered: OfferedEpoch, audit: AuditRow): Promise<void> {
  const { id: space, host } = row
  const from = Math.max(row.snapshotSeq, row.baseSeq) + 1
  const upTo = Math.min(row.headSeq, offered.afterSeq)
  const fork = await findFork(from, upTo, async (seq) => await isCommon(context, space, host, seq))
  const now = context.clock.now()
  try {
    await context.db.transaction().execute(async (tx) => {
      const [held] = await holdSpaces(tx, [space])
      // Another process of ours was faster.
      if (held?.frozen === takingEpoch || held?.epoch === offered.epoch) return
      if (held?.headHash !== row.headHash || held.purging || held.frozen === null)
        throw new Refusal('log-moved')
      if (fork !== undefined) await cutBack(tx, held, fork, now)
      await tx.updateTable('space').set({ frozen: takingEpoch }).where('id', '=', space).execute()
      await insertAudit(tx, audit)
    })
  } catch (error) {
    throw refuseCut(error)
  } finally {
    context.log.states.drop(space)
  }
}

/** Does the host hold our entry of this seq? What it has behind it names it as the one before. */
async function isCommon(context: Context, space: SpaceId, host: NodeId, seq: number): Promise<boolean> {
  const ours = await findEntryHash(context.db, space, seq)
  const answer = await callPeer(context, host, {
    contract: pullEntries,
    params: { space },
    query: { after: seq, limit: 1 },
    space,
  })
  if (answer.ok) return readEntries(answer.value)[0]?.entry.body.prev === ours
  // What is not for us to see is not what we have.
  if ('refused' in answer && answer.refused.code === 'not-visible') return false
  throw new Refusal('peer-unreachable', { reason: reasonOf(answer) })
}
