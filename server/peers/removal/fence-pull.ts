import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { listFences } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { findLastFence } from '#server/db/fences.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { receiveFence } from './fences.ts'

/**
 * Asks a host for the fences behind those of which none is missing here, page by page. Nothing is read on the strength
 * of a log before every order to end access is here. False: it could not be asked.
 */
export async function pullFences(context: Context, host: NodeId): Promise<boolean> {
  for (let last = -1; !context.tasks.signal.aborted;) {
    const after = await findLastFence(context.db, host, context.node)
    // What the last page brought has closed no gap: another would bring the same.
    if (after === last) return true
    last = after
    const answer = await callPeer(context, host, { contract: listFences, query: { after } })
    if (!answer.ok) return false
    for (const fence of answer.value.fences) await take(context, host, fence)
    if (answer.value.fences.length < limits.fencesPerPullMax) return true
  }
  return false
}

/** One that is no good holds up none of those behind it. */
async function take(context: Context, host: NodeId, fence: string): Promise<void> {
  try {
    await receiveFence(context, host, fence)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    context.logger.warn({ peer: host, code: error.code }, 'A fence that was asked for is not a valid one.')
  }
}
