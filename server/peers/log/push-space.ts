import type { Head } from '#federation/chain.ts'
import { receiptKind } from '#federation/log-documents.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { pushEntries } from '#schema/wire/endpoints.ts'
import type { Receipt } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { listCosignatures } from '#server/db/cosignatures.ts'
import {
  beginCursor,
  type Behind,
  findContinuation,
  findFailures,
  holdCursor,
  listBehind,
  postponeCursor,
  putReceipt,
  restartCursor,
  stopCursor,
} from '#server/db/cursors.ts'
import { findEntryPlace } from '#server/db/entries.ts'
import { findNodeWindow } from '#server/db/windows.ts'
import { alone, type Tx } from '#server/db/open.ts'
import { findSpace } from '#server/db/spaces.ts'
import { retryDelayMs } from '../backoff.ts'
import { alarmDaily } from '../alarm.ts'
import { callPeer, type PeerAnswer } from '../exchange/call.ts'
import { readSigned } from '../exchange/signed.ts'
import { buildBatch, pushPage } from './batches.ts'
import { findStart } from './far-behind.ts'
import { afterFailure, afterRefusal, type Next } from '../exchange/answers.ts'

/** How long a follower that begins with a snapshot is left to fetch it. */
const snapshotPauseMs = 2_000
/** How long a follower is left alone that confirms what we never wrote. */
const falseReceiptPauseMs = 60 * 60 * 1000

export type Pushed = 'done' | 'more' | 'rest'

/** Pushes one batch of a space to a node that is behind in it. */
export async function pushSpace(
  context: Context,
  node: NodeId,
  space: SpaceId,
  bytes: number,
): Promise<Pushed> {
  const behind = await findBehind(context, node, space)
  if (!behind) return 'done'
  const start = await findStart(context, behind)
  if (start.do === 'meet') return await meet(context, behind, start.answer)
  if (start.do === 'wait') return await postpone(context, behind, limits.pullPatienceMs)
  const page = { ...pushPage, bytes, after: start.after, upTo: behind.headSeq }
  const batch = await buildBatch(context, space, page)
  if (!batch) return 'done'
  let receipt: SignedReceipt | undefined
  const answer = await callPeer(context, node, {
    contract: pushEntries,
    params: { space },
    body: { ...batch, cosigs: await listCosigs(context, node, space) },
    space,
    // What is not signed by the follower says nothing about what it holds.
    check: async (value) => {
      receipt = await readReceipt(context, behind, value.receipt)
      return receipt ? undefined : 'receipt'
    },
  })
  if (answer.ok) return await takeReceipt(context, behind, receipt!)
  return await meet(context, behind, answer)
}

/** What the other followers have confirmed of it: whoever is told another log than they sees it by that (A10). */
async function listCosigs(context: Context, node: NodeId, id: SpaceId): Promise<string[]> {
  const space = { id, host: context.node }
  return await listCosignatures(context.db, space, { except: node, limit: limits.cosignaturesMax })
}

async function findBehind(context: Context, node: NodeId, space: SpaceId): Promise<Behind | undefined> {
  const now = context.clock.now()
  const which = { spaces: [space], nodes: [node], now, perNode: 1 }
  return (await listBehind(context.db, context.node, which))[0]
}

type No = Exclude<PeerAnswer<unknown>, { ok: true }>

/** It was not taken: what becomes of the cursor, by the table. */
async function meet(context: Context, behind: Behind, answer: No): Promise<Pushed> {
  if ('failed' in answer) return await go(context, behind, afterFailure(answer.failed), answer)
  const { code, receipt: text } = answer.refused
  const receipt = text === undefined ? undefined : await readReceipt(context, behind, text)
  if (!receipt) return await go(context, behind, afterRefusal(code), answer)
  const taken = await takeReceipt(context, behind, receipt)
  if (taken !== 'more' || code !== 'gap') return taken
  // What it lacks is before its history: it begins with a snapshot, which it fetches by itself.
  const still = await findBehind(context, behind.node, behind.spaceId)
  if (still?.after !== behind.after) return 'more'
  return await postpone(context, behind, snapshotPauseMs)
}

async function go(context: Context, behind: Behind, next: Next, answer: No): Promise<Pushed> {
  const { node, spaceId } = behind
  if (next === 'rest') return 'rest'
  const why = 'failed' in answer ? answer.failed.reason : answer.refused.code
  if (next === 'stop') {
    context.logger.warn({ peer: node, space: spaceId, why }, 'A peer takes no more entries of a space.')
    await stopCursor(alone(context.db), spaceId, node, why)
    return 'done'
  }
  // What it has deleted is not on the list of an open order, or nothing would be sent: it begins anew (A8).
  if (next === 'anew') {
    await restartCursor(alone(context.db), spaceId, node)
  }
  const failures = await findFailures(context.db, spaceId, node)
  const asked = 'failed' in answer ? answer.failed.pauseMs : answer.refused.pauseMs
  return await postpone(context, behind, asked ?? retryDelayMs(failures + 1, context.random))
}

async function postpone(context: Context, { node, spaceId }: Behind, ms: number): Promise<Pushed> {
  const until = context.clock.now() + ms
  await postponeCursor(alone(context.db), spaceId, node, until)
  return 'done'
}

type SignedReceipt = { readonly said: Receipt; readonly text: string }

async function readReceipt(
  context: Context,
  { node, spaceId }: Behind,
  text: string,
): Promise<SignedReceipt | undefined> {
  const read = await readSigned(context, node, text, receiptKind)
  return read.ok && read.value.payload.space === spaceId ? { said: read.value.payload, text } : undefined
}

/** Sets the cursor from a signed receipt, forwards or backwards. */
async function takeReceipt(context: Context, behind: Behind, { said, text }: SignedReceipt): Promise<Pushed> {
  const { node, spaceId } = behind
  const { epoch, seq, hash, kept } = said
  const isTrue =
    (await isOurs(context, spaceId, { epoch, seq, hash })) &&
    (!kept || (await isOurs(context, spaceId, kept)))
  if (!isTrue) return await reportFalse(context, behind, { epoch, seq, hash })
  const at = context.clock.now()
  const isKept = await context.db.transaction().execute(async (tx) => {
    // Asked while the cursor is held: another process may hear at the same time that the copy is gone.
    if (!(await holdCursor(tx, spaceId, node))) return undefined
    // Nobody goes on from an old copy that had to be deleted, or that nobody there reaches (H1).
    if (!(await mayGoOnFrom(tx, context.node, behind, seq))) return false
    await putReceipt(tx, { spaceId, node, epoch, seq, hash, jws: text, at })
    return true
  })
  if (isKept === undefined) {
    // Seen by others before it is held, or they would pass it by.
    await beginCursor(alone(context.db), spaceId, node)
    return await takeReceipt(context, behind, { said, text })
  }
  return isKept ? 'more' : await postpone(context, behind, snapshotPauseMs)
}

/** May the cursor stand there? Not before the window begins, unless the node's copy has gone on since then. */
async function mayGoOnFrom(
  tx: Tx,
  host: NodeId,
  { node, spaceId: space }: Behind,
  seq: number,
): Promise<boolean> {
  if (seq === 0) return true
  const window = await findNodeWindow(tx, space, node)
  if (window === undefined) return false
  if (seq >= window - 1) return true
  const held = await findContinuation(tx, { host, space, node })
  return held !== undefined && held <= seq
}

async function isOurs({ db }: Context, space: SpaceId, { epoch, seq, hash }: Head): Promise<boolean> {
  if (seq === 0) return true
  const place = await findEntryPlace(db, space, seq)
  return place?.epoch === epoch && place.hash === hash
}

/**
 * A follower says that it holds what we did not write. Its cursor stays where it is, and nobody else is shown the
 * receipt. The space goes on: alone a follower's word convicts nobody, or any of them could stop a space; one that has
 * checkpoints of ours over two histories brings them as evidence.
 */
async function reportFalse(context: Context, behind: Behind, held: Head): Promise<Pushed> {
  const { node: peer, spaceId: space } = behind
  const { epoch, seq, hash } = held
  const { epoch: ours = epoch } = (await findSpace(context.db, space)) ?? {}
  // What we signed in an epoch that is over may be what we have lost, or have decided against.
  const isOfBranch = epoch < ours
  const kind = isOfBranch ? 'other-branch' : 'false-receipt'
  const detail = isOfBranch
    ? `it holds an entry ${seq} of epoch ${epoch} (${hash}) that is not in our log, and we are in epoch ${ours}`
    : `a receipt for an entry ${seq} that is not in our log`
  await alarmDaily(context, { kind, peer, space, detail, freeze: false })
  return await postpone(context, behind, falseReceiptPauseMs)
}
