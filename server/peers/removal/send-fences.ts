import { fenceReceiptKind } from '#federation/fence.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { sendFence as contract } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { type FenceRow, listOpenFences, listUnconfirmed, storeFenceReceipt } from '#server/db/fences.ts'
import { alone } from '#server/db/open.ts'
import { afterFailure } from '../exchange/answers.ts'
import { callPeer } from '../exchange/call.ts'
import { readSigned } from '../exchange/signed.ts'
import { Pauses } from '../pauses.ts'
import { perNode } from '../per-node.ts'
import { signedFence } from './fences.ts'

// Fences on their way out: ahead of everything else, until the other node's signed receipt is here (§12.1).

// One that is refused is left alone for longer each time, and holds up nothing else that goes to that node.
const pausesOf = perNode(({ random }) => new Pauses<number>(random))

/** A peer answers again. */
export function endFencePauses(context: Context, node: NodeId): void {
  pausesOf(context).endAll(node)
}

/** The nodes that have not confirmed a fence yet which is due. */
export async function listFencedNodes(context: Context): Promise<NodeId[]> {
  const now = context.clock.now()
  const open = await listUnconfirmed(context.db, context.node)
  const due = open.filter(({ node, n }) => !pausesOf(context).has(node, n, now))
  return [...new Set(due.map(({ node }) => node))]
}

/** Sends the open fences of a node in their order. False: it could not be reached. */
export async function sendFences(context: Context, node: NodeId): Promise<boolean> {
  const pauses = pausesOf(context)
  for (const fence of await listOpenFences(context.db, context.node, node, limits.fencesPerPullMax)) {
    if (pauses.has(node, fence.n, context.clock.now())) continue
    const jws = await signedFence(context, fence)
    const answer = await callPeer(context, node, {
      contract,
      body: { fence: jws },
      space: fence.spaceId,
    })
    if (!answer.ok && 'failed' in answer && afterFailure(answer.failed) === 'rest') return false
    if (answer.ok && (await takeReceipt(context, fence, answer.value.receipt))) pauses.end(node, fence.n)
    else pauses.begin(node, fence.n, context.clock.now())
  }
  return true
}

async function takeReceipt(context: Context, fence: FenceRow, text: string): Promise<boolean> {
  const receipt = await readSigned(context, fence.node, text, fenceReceiptKind)
  if (!receipt.ok || receipt.value.payload.n !== fence.n) return false
  const now = context.clock.now()
  await storeFenceReceipt(alone(context.db), fence, text, now)
  return true
}
