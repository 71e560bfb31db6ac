import { wasCutOff, type Written } from '#federation/dispute.ts'
import { readDocument } from '#federation/document.ts'
import { fenceKind } from '#federation/fence.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import { extendsLog, readOperationLog } from '#federation/operation-log.ts'
import { hashOfJws, readJws, verifyJws } from '#federation/strict-jws.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { listFences } from '#schema/wire/endpoints.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import { listCopies, listOwnOperations } from '#schema/wire/recovery.ts'
import type { Context } from '#server/context.ts'
import { listOperationTexts, replaceOperations } from '#server/db/node-ops.ts'
import { alone } from '#server/db/open.ts'
import { findSpace } from '#server/db/spaces.ts'
import { updatePinned } from '#server/db/peers.ts'
import { putClaim } from '#server/db/recovery.ts'
import { closeGaps, raiseFenceCounter, restoreFence } from '#server/db/restored.ts'
import { peerKey } from '../discovery/discover.ts'
import { ownDocuments, reloadOwnDocuments } from '../discovery/self.ts'
import { callPeer } from '../exchange/call.ts'
import type { PeerAnswer } from '../exchange/outgoing.ts'

// What a restored node asks others about itself: its key history, its orders to end access, and how far the logs had
// come that it hosts. Each is its own signed word, so nobody is believed (SPEC B4).

/** Asks one node for all of it. Undefined: it has answered; otherwise why not. */
export async function askAboutUs(context: Context, node: NodeId): Promise<string | undefined> {
  return (
    (await findKey(context, node)) ??
    (await askOperations(context, node)) ??
    (await askFences(context, node)) ??
    (await askCopies(context, node))
  )
}

/**
 * The history says which key signs, and ours may end before a rotation. So every key that we have is tried, the newest
 * first, until they know one.
 */
async function findKey(context: Context, node: NodeId): Promise<string | undefined> {
  // A recovery of the keys was written by a command beside us.
  await reloadOwnDocuments(context)
  const { keys } = context
  let refused: string | undefined
  for (const { kid } of [keys.key, ...keys.held.toReversed()]) {
    keys.use(kid)
    const answer = await callPeer(context, node, { contract: listOwnOperations, query: { after: 0 } })
    if (answer.ok) return undefined
    refused = reasonOf(answer)
    if (refused !== 'key-retired' && refused !== 'key-unknown') break
  }
  return refused
}

/** Our key history, where theirs is longer than ours and goes on from it by our own signatures. */
async function askOperations(context: Context, node: NodeId): Promise<string | undefined> {
  const texts: string[] = []
  for (let isMore = true; isMore;) {
    const answer = await callPeer(context, node, {
      contract: listOwnOperations,
      query: { after: texts.length },
    })
    if (!answer.ok) return reasonOf(answer)
    texts.push(...answer.value.operations)
    isMore = answer.value.operations.length === limits.operationsPerPageMax
    if (texts.length > limits.operationsPerLogMax) return 'key history too long'
  }
  const page = { after: 0, limit: limits.operationsPerLogMax }
  const ours = readOperationLog(await listOperationTexts(context.db, context.node, page), context.node)
  const theirs = readOperationLog(texts, context.node)
  // Who has pinned nothing of us, or something else, is no help; ours stays.
  if (!ours.ok || !theirs.ok || !extendsLog(ours.value, theirs.value).ok) return undefined
  if (theirs.value.opSeq <= ours.value.opSeq) return undefined
  const { opSeq, opHash } = theirs.value
  await context.db.transaction().execute(async (tx) => {
    await replaceOperations(tx, context.node, texts.map(named))
    await updatePinned(tx, context.node, { opSeq, opHash })
  })
  await reloadOwnDocuments(context)
  return undefined
}

function named(jws: string) {
  const read = readJws(jws, 'parley-op+jws', limits.operationBytesMax)
  if (!read.ok) throw new Error('An operation that was read before cannot be read.')
  return { hash: hashOfJws(read.value), jws }
}

/** The fences that we have given this node, numbers and all, so that ours go on behind them (A2). */
async function askFences(context: Context, node: NodeId): Promise<string | undefined> {
  for (let after = 0; ;) {
    const answer = await callPeer(context, node, { contract: listFences, query: { after, issued: 1 } })
    if (!answer.ok) return reasonOf(answer)
    for (const jws of answer.value.fences) {
      const fence = await readOurs(context, jws, fenceKind)
      const cutOff = fence ? undefined : await cutOffNumber(context, jws)
      if (cutOff !== undefined) {
        await context.db.transaction().execute(async (tx) => await raiseFenceCounter(tx, node, cutOff))
        after = Math.max(after, cutOff)
        continue
      }
      if (!fence || fence.payload.aud !== node) return 'a fence that is not ours'
      const { n, space: spaceId, subject, from_seq: fromSeq, epoch, action, at } = fence.payload
      const row = {
        host: context.node,
        node,
        n,
        spaceId,
        subject,
        fromSeq,
        epoch,
        action,
        at,
        jws,
        hash: fence.hash,
      }
      const isTaken = await context.db.transaction().execute(async (tx) => await restoreFence(tx, row))
      if (!isTaken) return `another fence has the number ${n}`
      after = Math.max(after, n)
    }
    if (answer.value.fences.length < limits.fencesPerPullMax) break
  }
  await context.db.transaction().execute(async (tx) => await closeGaps(tx, context.node, node))
  return undefined
}

/**
 * The number of a fence by a key of which only operations told that our recovery cut off (K19). It is no order of ours,
 * and its number is used.
 */
async function cutOffNumber(context: Context, text: string): Promise<number | undefined> {
  const document = readDocument(text, fenceKind)
  if (!document.ok) return undefined
  const { payload, jws } = document.value
  return (await isCutOff(context, { kid: jws.header.kid, at: payload.at })) ? payload.n : undefined
}

/**
 * A checkpoint by such a key: no word of ours either, and whoever took entries under it holds another branch than we go
 * on with. Nobody can verify it any more, so that a partner could make one up, and no more comes of it than an epoch.
 */
async function readCutOff(context: Context, text: string): Promise<Checkpoint | undefined> {
  const document = readDocument(text, checkpointKind)
  if (!document.ok) return undefined
  const { payload, jws } = document.value
  const row = await findSpace(context.db, payload.space)
  if (row?.host !== context.node || payload.epoch > row.epoch + limits.epochsAheadMax) return undefined
  return (await isCutOff(context, { kid: jws.header.kid, at: payload.at })) ? payload : undefined
}

async function isCutOff(context: Context, written: Written): Promise<boolean> {
  const { log } = await ownDocuments(context)
  return wasCutOff(log, written)
}

/** How far the logs had come that we host, by our own checkpoints, and by those of keys that a recovery cut off. */
async function askCopies(context: Context, node: NodeId): Promise<string | undefined> {
  for (let after: SpaceId | undefined; ;) {
    const answer = await callPeer(context, node, {
      contract: listCopies,
      query: after === undefined ? {} : { after },
    })
    if (!answer.ok) return reasonOf(answer)
    for (const { space, checkpoint: jws } of answer.value.copies) {
      const ours = await readOurs(context, jws, checkpointKind)
      const checkpoint = ours?.payload ?? (await readCutOff(context, jws))
      // What nobody signed who had keys of ours is no word.
      if (checkpoint?.space !== space) continue
      const { epoch, seq, hash }: Checkpoint = checkpoint
      const claim = { spaceId: space, node, epoch, seq, hash, jws }
      await putClaim(alone(context.db), claim)
    }
    after = answer.value.copies.at(-1)?.space
    if (after === undefined || answer.value.copies.length < limits.copiesPerPageMax) return undefined
  }
}

/** A document that we have signed, with whatever key we had then. */
export async function readOurs<S extends Parameters<typeof readDocument>[1]['shape']>(
  context: Context,
  text: string,
  kind: Parameters<typeof readDocument<S>>[1],
) {
  const document = readDocument(text, kind)
  if (!document.ok) return undefined
  const { jws, payload } = document.value
  const key = await peerKey(context, context.node, jws.header.kid, 'ever')
  const isOurs = key.ok && verifyJws(jws, key.value).ok && (payload as { iss?: unknown }).iss === context.node
  return isOurs ? { payload, hash: hashOfJws(jws) } : undefined
}

/** Why nothing came, for the administrators' eyes. */
export function reasonOf(answer: Exclude<PeerAnswer<unknown>, { ok: true }>): string {
  return 'failed' in answer ? `${answer.failed.reason}: ${answer.failed.detail}` : answer.refused.code
}
