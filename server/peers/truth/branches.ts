import { checkpointKind } from '#federation/log-documents.ts'
import { receive } from '#federation/replica.ts'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Batch, Checkpoint } from '#schema/wire/log.ts'
import { pullCopy } from '#schema/wire/recovery.ts'
import type { Context } from '#server/context.ts'
import type { AuditRow } from '#server/db/audit.ts'
import { LeantOnError, TooFarBackError } from '#server/db/cuts.ts'
import { findEntryHash } from '#server/db/entries.ts'
import { findBefore } from '#server/db/epochs.ts'
import type { Tx } from '#server/db/open.ts'
import { findSpace, loadStates, type SpaceRow } from '#server/db/spaces.ts'
import type { Taking } from '#server/log/judged.ts'
import { beginEpoch } from '#server/log/epoch.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { gatherEvidence } from '../log/evidence.ts'
import { readEntries } from '../log/receive.ts'
import { fetchPages } from '../recovery/adopt.ts'
import { readOurs, reasonOf } from '../recovery/ask.ts'
import { findFork } from './fork.ts'

// An administrator of the host says which of the branches that it has signed goes on: one that is here, or one that a
// follower holds (SPEC L14). The others are kept aside wherever they are.

export type Choice = {
  readonly space: SpaceId
  /** The last entry that counts, as it was shown. */
  readonly seq: number
  readonly hash: Hash
  /** Who holds the branch, when it is not ours. */
  readonly from: NodeId | undefined
}

/**
 * Begins another epoch behind the chosen entry. Returns its number; that of the epoch that we are in when this is what
 * it has begun with, since whoever asks may not have heard the answer, and another process of ours may do the same.
 */
export async function chooseBranch(
  context: Context,
  choice: Choice,
  audit: AuditRow,
): Promise<{ epoch: number }> {
  if (context.mode.recovering) throw new Refusal('recovery-mode')
  const row = await findSpace(context.db, choice.space)
  if (row?.host !== context.node) throw new Refusal('not-found')
  const before = await findChosen(context, choice)
  if (before !== undefined) return { epoch: before }
  try {
    return await choose(context, row, choice, audit)
  } catch (error) {
    const begun = error instanceof Refusal ? await findChosen(context, choice) : undefined
    if (begun === undefined) throw error
    return { epoch: begun }
  }
}

/** The epoch that we are in, when it goes on from just this entry. */
async function findChosen({ db }: Context, { space, seq, hash }: Choice): Promise<number | undefined> {
  const { epoch } = (await findSpace(db, space))!
  const before = await findBefore(db, space, epoch)
  return before?.seq === seq && before.hash === hash ? epoch : undefined
}

async function choose(
  context: Context,
  row: SpaceRow,
  choice: Choice,
  audit: AuditRow,
): Promise<{ epoch: number }> {
  const { space, from } = choice
  const base = { space, head: row.headHash, incarnation: context.mode.incarnation, audit }
  const begun = await (
    from === undefined
      ? beginEpoch(context, context.log, { ...base, keep: await ownPlace(context, choice) })
      : beginEpoch(context, context.log, { ...base, ...(await fetchBranch(context, row, choice, from)) })
  ).catch((error: unknown) => {
    throw refuseCut(error)
  })
  if (!begun) throw new Refusal('log-moved')
  return { epoch: (await findSpace(context.db, space))!.epoch }
}

/** What a cut that cannot be made is told as. */
export function refuseCut(error: unknown): unknown {
  if (error instanceof TooFarBackError) return new Refusal('too-far-back')
  return error instanceof LeantOnError ? new Refusal('group-leant-on') : error
}

async function ownPlace({ db }: Context, { space, seq, hash }: Choice): Promise<number> {
  if ((await findEntryHash(db, space, seq)) !== hash) throw new Refusal('log-moved')
  return seq
}

type Branch = { readonly keep: number; readonly branch?: (tx: Tx) => Promise<Taking> }

/** Fetches the branch that a follower holds, up to the newest checkpoint of ours that it has. */
async function fetchBranch(
  context: Context,
  row: SpaceRow,
  { space, seq, hash }: Choice,
  node: NodeId,
): Promise<Branch> {
  const ours = async (at: number): Promise<Hash | undefined> => await findEntryHash(context.db, space, at)
  const checkpoint = await readWord(context, await askCopy(context, node, space, seq))
  if (checkpoint?.space !== space || checkpoint.seq !== seq || checkpoint.hash !== hash)
    throw new Refusal('log-moved')
  const keep = await findFork(1, Math.min(row.headSeq, seq), async (at) => {
    if (at === seq) return (await ours(at)) === hash
    const next = readEntries(await askCopy(context, node, space, at))[0]?.entry.body
    return next?.seq === at + 1 && next.prev === (await ours(at))
  })
  if (keep === undefined) throw new Refusal('too-far-back')
  if (keep === seq) return { keep }
  const pages = await fetchPages(context, { spaceId: space, node, seq }, { seq: keep })
  if (!pages) throw new Refusal('peer-unreachable')
  const incoming = pages.flatMap(readEntries).filter(({ entry }) => entry.body.seq <= seq)
  const batch = { incoming, proofs: pages.flatMap((page) => page.proofs), head: keep }
  // Keys are looked up now: nobody is asked anything while the log is held.
  await gatherEvidence(context, space, batch)
  return {
    keep,
    branch: async (tx) => {
      const evidence = await gatherEvidence({ ...context, db: tx }, space, batch)
      const held = (await findSpace(tx, space))!
      const head = { epoch: held.epoch, seq: held.headSeq, hash: held.headHash }
      const state = (await loadStates(tx, [space])).get(space)
      const replica = { space, host: context.node, head, state }
      const verdict = receive(replica, { entries: incoming, checkpoint }, evidence)
      if (verdict.do !== 'apply') throw new Refusal('fork', { detail: verdict.do })
      return { ...verdict, ...evidence, replica }
    },
  }
}

async function askCopy(context: Context, node: NodeId, space: SpaceId, after: number): Promise<Batch> {
  const answer = await callPeer(context, node, {
    contract: pullCopy,
    params: { space },
    query: { after },
    space,
  })
  if (!answer.ok) throw new Refusal('peer-unreachable', { reason: reasonOf(answer) })
  return answer.value
}

async function readWord(context: Context, batch: Batch): Promise<Checkpoint | undefined> {
  return (await readOurs(context, batch.checkpoint, checkpointKind))?.payload
}
