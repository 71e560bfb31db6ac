import { receiptKind } from '#federation/log-documents.ts'
import { isStateType } from '#schema/event/types.ts'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import { pushEntries } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import {
  type Behind,
  findFailures,
  listBehind,
  postponeCursor,
  putReceipt,
  restartCursor,
  stopCursor,
} from '#server/db/cursors.ts'
import { listCosignatures } from '#server/db/cosignatures.ts'
import { findEntryHash } from '#server/db/entries.ts'
import { alarmDaily } from '../alarm.ts'
import { retryDelayMs } from '../backoff.ts'
import { buildBatch, pushPage } from './batches.ts'
import { callPeer } from '../exchange/call.ts'
import { startLane } from '../lane.ts'
import { readSigned } from '../exchange/signed.ts'

// The log lane: what followers of our logs lack goes to them, from the log itself and the cursor. A peer that
// was away for a week is the same code as one that is one entry behind, and a crash between commit and send
// needs none at all.

const spacesAtOnce = 4
const behindMax = 1_000
/** How long a follower that begins with a snapshot is left to fetch it. */
const snapshotPauseMs = 2_000
/** How long a follower is left alone that confirms what we never wrote. */
const falseReceiptPauseMs = 60 * 60 * 1000

/** What one node lacks. Groups go first: a thread that is reached through one is refused without it (A5). */
type Waiting = { readonly groups: Set<SpaceId>; readonly others: Set<SpaceId> }

export function startDelivery(context: Context): void {
  // What may be behind, told by commits. A sweep looks at everything, so that a lost hint costs seconds, not delivery.
  let hints: Set<SpaceId> | 'all' = 'all'
  const waiting = new Map<NodeId, Waiting>()

  context.log.onCommit((space, placed) => {
    // Who reaches what changes with the state; then a hint about one space is not enough.
    if (placed.some(({ event }) => isStateType(event.header.type))) hints = 'all'
    else if (hints !== 'all' && isShared(context, space)) hints.add(space)
  })

  async function listDue(): Promise<NodeId[]> {
    const which = hints === 'all' ? {} : { spaces: [...hints] }
    hints = new Set()
    if (which.spaces?.length !== 0) {
      const now = context.clock.now()
      for (const row of await listBehind(context.db, context.node, { ...which, now, limit: behindMax })) {
        const lacks = waiting.get(row.node) ?? { groups: new Set(), others: new Set() }
        waiting.set(row.node, lacks)
        lacks[row.kind === 'group' ? 'groups' : 'others'].add(row.spaceId)
      }
    }
    return [...waiting.keys()]
  }

  startLane(context, {
    name: 'log lane',
    topic: 'logs',
    sweep: () => {
      hints = 'all'
    },
    due: listDue,
    serve: async (node) => {
      const lacks = waiting.get(node)
      waiting.delete(node)
      return (
        !lacks ||
        ((await pushAll(context, node, lacks.groups)) && (await pushAll(context, node, lacks.others)))
      )
    },
  })
}

/** May another node take part? What memory does not say is asked of the database; a hint too many costs a look. */
function isShared(context: Context, space: SpaceId): boolean {
  const { states } = context.log
  const state = states.get(space)
  if (!state || state.nodes.size > 0) return true
  return [...state.groups.keys()].some((group) => states.get(group)?.nodes.size !== 0)
}

/** Pushes what a node lacks of these spaces, a few spaces at a time. False: it could not be reached. */
async function pushAll(context: Context, node: NodeId, spaces: Set<SpaceId>): Promise<boolean> {
  let reachable = true
  async function work(): Promise<void> {
    for (const space of spaces) {
      spaces.delete(space)
      let pushed: Pushed = 'more'
      while (pushed === 'more' && reachable && !context.tasks.signal.aborted) {
        pushed = await pushSpace(context, node, space)
      }
      if (pushed === 'unreachable') reachable = false
    }
  }
  await Promise.all(Array.from({ length: Math.min(spacesAtOnce, spaces.size) }, work))
  return reachable
}

type Pushed = 'done' | 'more' | 'unreachable'

/** Pushes one batch of a space to a node that is behind in it. */
async function pushSpace(context: Context, node: NodeId, space: SpaceId): Promise<Pushed> {
  const [behind] = await listBehindOf(context, node, space)
  if (!behind) return 'done'
  const batch = await buildBatch(context, space, { after: behind.after, ...pushPage })
  if (!batch) return 'done'
  const answer = await callPeer(context, node, {
    contract: pushEntries,
    params: { space },
    body: { ...batch, cosigs: await listCosigs(context, node, space) },
    space,
  })
  if (answer.ok) return await takeReceipt(context, node, space, answer.value.receipt)
  if ('failed' in answer) return 'unreachable'
  return await meetRefusal(context, behind, answer.refused)
}

/** What the other followers have confirmed of it: whoever is told another log than they sees it by that (A10). */
async function listCosigs(context: Context, node: NodeId, id: SpaceId): Promise<string[]> {
  const space = { id, host: context.node }
  return await listCosignatures(context.db, space, { except: node, limit: limits.cosignaturesMax })
}

async function listBehindOf(context: Context, node: NodeId, space: SpaceId): Promise<Behind[]> {
  const now = context.clock.now()
  const which = { spaces: [space], now, limit: limits.nodesPerSpaceMax }
  return (await listBehind(context.db, context.node, which)).filter((row) => row.node === node)
}

const finalCodes: readonly RefusalCode[] = ['not-participating', 'partner-blocked', 'not-host']

async function meetRefusal(
  context: Context,
  { node, spaceId: space, after }: Behind,
  refused: {
    readonly code: string
    readonly retryAfter?: number | undefined
    readonly receipt?: string | undefined
  },
): Promise<Pushed> {
  if (refused.receipt !== undefined) {
    const taken = await takeReceipt(context, node, space, refused.receipt)
    if (taken !== 'more' || refused.code !== 'gap') return taken
    // What it lacks is before its history: it begins with a snapshot, which it fetches by itself.
    const [still] = await listBehindOf(context, node, space)
    if (still?.after !== after) return 'more'
    const until = context.clock.now() + snapshotPauseMs
    await context.db.transaction().execute(async (tx) => await postponeCursor(tx, space, node, until))
    return 'done'
  }
  if (refused.code === 'rate' || refused.code === 'busy') return 'unreachable'
  const isFinal = finalCodes.some((code) => code === refused.code)
  const failures = await findFailures(context.db, space, node)
  const delay = (refused.retryAfter ?? 0) * 1000 || retryDelayMs(failures + 1, context.random)
  await context.db.transaction().execute(async (tx) => {
    // What it has deleted is not on the list of an open order, or nothing would be sent: it begins anew (A8).
    if (refused.code === 'space-purged') await restartCursor(tx, space, node)
    if (isFinal) await stopCursor(tx, space, node, refused.code)
    else await postponeCursor(tx, space, node, context.clock.now() + delay)
  })
  return 'done'
}

/** Sets the cursor from a signed receipt: what is not signed by the follower says nothing about what it holds. */
async function takeReceipt(context: Context, node: NodeId, space: SpaceId, text: string): Promise<Pushed> {
  const receipt = await readSigned(context, node, text, receiptKind)
  const now = context.clock.now()
  if (!receipt.ok || receipt.value.payload.space !== space) {
    context.logger.warn(
      { peer: node, space },
      'A receipt was not a valid one; the batch counts as not delivered.',
    )
    await context.db
      .transaction()
      .execute(async (tx) => await postponeCursor(tx, space, node, now + retryDelayMs(3, context.random)))
    return 'done'
  }
  const { epoch, seq, hash, kept } = receipt.value.payload
  const isTrue =
    (await isOurs(context, space, { seq, hash })) && (!kept || (await isOurs(context, space, kept)))
  if (!isTrue) {
    await reportFalse(context, node, space, seq)
    return 'done'
  }
  await context.db
    .transaction()
    .execute(
      async (tx) => await putReceipt(tx, { spaceId: space, node, epoch, seq, hash, jws: text, at: now }),
    )
  return 'more'
}

async function isOurs(
  { db }: Context,
  space: SpaceId,
  { seq, hash }: { readonly seq: number; readonly hash: Hash },
): Promise<boolean> {
  return seq === 0 || (await findEntryHash(db, space, seq)) === hash
}

/**
 * A follower says that it holds what we did not write. Its cursor stays where it is, and nobody else is shown the
 * receipt. The space goes on: alone a follower's word convicts nobody, or any of them could stop a space; one that has
 * checkpoints of ours over two histories brings them as evidence.
 */
async function reportFalse(context: Context, peer: NodeId, space: SpaceId, seq: number): Promise<void> {
  const detail = `a receipt for an entry ${seq} that is not in our log`
  await alarmDaily(context, { kind: 'false-receipt', peer, space, detail, freeze: false })
  const until = context.clock.now() + falseReceiptPauseMs
  await context.db.transaction().execute(async (tx) => await postponeCursor(tx, space, peer, until))
}
