import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Lane } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import type { Topic } from '#server/ports/wake.ts'
import { retryDelayMs } from './backoff.ts'
import { turnMs } from './exchange/reach.ts'
import { Bounded } from './per-node.ts'

// A lane is one independent way to every peer (§9.1): a backlog or a dead peer on one delays neither the other
// lanes nor the other peers. What is to be sent is asked from the database each time; memory only remembers who
// is being served and who is to be left alone for a while.

export type Work = {
  readonly name: string
  /** The way between nodes that it takes, if calling is all that it does: then it does nothing for whom it may not call. */
  readonly lane?: Lane
  /** It carries orders, which go out even to whoever asks to be left alone. */
  readonly isOrders?: true
  /** What wakes the lane, beside its sweep. */
  readonly topic: Topic
  /** The peers for which something waits. `busy` are being served, or left alone, and are asked about again then. */
  readonly due: (busy: ReadonlySet<NodeId>) => Promise<readonly NodeId[]>
  /** Before a look that no wake-up asked for: whatever the lane remembers of them may be wrong. */
  readonly sweep?: () => Promise<void> | void
  /** How often it looks by itself; `limits.sweepMs` when absent. */
  readonly sweepMs?: number
  /** Sends what waits for one peer. False: it could not be reached, or asked to be left alone. */
  readonly serve: (node: NodeId) => Promise<boolean>
}

/** Runs a lane until the node stops. */
export function startLane(context: Context, work: Work): void {
  const serving = new Set<NodeId>()
  const failures = new Bounded<NodeId, number>(limits.breakersMax)
  let looking: Promise<void> | undefined
  let again = false

  /** One look at a time; what is signalled meanwhile is one more look, not many. */
  async function look(): Promise<void> {
    if (looking) {
      again = true
      return
    }
    do {
      again = false
      looking = lookOnce()
      await looking.finally(() => (looking = undefined))
    } while (again)
  }

  async function lookOnce(): Promise<void> {
    for (const node of await work.due(serving)) if (!serving.has(node)) begin(node)
  }

  function begin(node: NodeId): void {
    serving.add(node)
    context.tasks.spawn(`${work.name} ${node}`, async (signal) => {
      try {
        await serve(node, signal)
      } finally {
        serving.delete(node)
      }
      // Something may have come in while this peer was being served.
      if (!signal.aborted) wake()
    })
  }

  async function serve(node: NodeId, signal: AbortSignal): Promise<void> {
    const { lane, name, isOrders: isOrder = false } = work
    const asked = lane ? turnMs(context, node, { lane, name, isOrder }) : 0
    // Nothing is asked of the database for a peer that would not be called.
    if (asked > 0) return await rest(node, asked, signal)
    let isBack = false
    const unlisten = context.wake.listen(`peer:${node}`, () => (isBack = true))
    const served = await work.serve(node).finally(unlisten)
    if (served) return failures.delete(node)
    const count = isBack ? 0 : (failures.get(node) ?? 0) + 1
    failures.set(node, count)
    await rest(node, retryDelayMs(count, context.random), signal)
  }

  /** Leaves a peer alone for a while. A request from it says that it is back, and ends the rest at once. */
  async function rest(node: NodeId, ms: number, signal: AbortSignal): Promise<void> {
    const back = new AbortController()
    const unlisten = context.wake.listen(`peer:${node}`, () => back.abort())
    await context.clock.sleep(ms, AbortSignal.any([signal, back.signal]))
    unlisten()
    if (back.signal.aborted) failures.delete(node)
  }

  function wake(): void {
    context.tasks.spawn(`${work.name} look`, look)
  }

  context.wake.listen(work.topic, wake)
  context.tasks.every(`${work.name} sweep`, work.sweepMs ?? limits.sweepMs, async () => {
    await work.sweep?.()
    await look()
  })
  wake()
}
