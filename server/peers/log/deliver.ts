import { isStateType } from '#schema/event/types.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { type Behind, hastenCursors, listBehind } from '#server/db/cursors.ts'
import { alone } from '#server/db/open.ts'
import { onReturn } from '../exchange/reach.ts'
import { startLane } from '../lane.ts'
import { pushSpace } from './push-space.ts'

// The log lane: what followers of our logs lack goes to them, from the log itself and the cursor. A peer that
// was away for a week is the same code as one that is one entry behind, and a crash between commit and send
// needs none at all.

const spacesPerLook = 200

/** What one node lacks. Groups go first: a thread that is reached through one is refused without it (A5). */
type Waiting = { readonly groups: Set<SpaceId>; readonly others: Set<SpaceId> }

export function startDelivery(context: Context): void {
  // What may be behind, told by commits. A sweep looks at everything, so that a lost hint costs seconds, not delivery.
  let hints: Set<SpaceId> | 'all' = 'all'
  const waiting = new Map<NodeId, Waiting>()
  // Who is to be looked at whole, as soon as nothing is being sent there: nothing is asked about the dead.
  const unseen = new Set<NodeId>()

  context.log.onCommit((space, placed) => {
    // Who reaches what changes with the state; then a hint about one space is not enough.
    if (placed.some(({ event }) => isStateType(event.header.type))) hints = 'all'
    else if (hints !== 'all' && isShared(context, space)) hints.add(space)
  })

  onReturn(context, (node) => {
    context.tasks.spawn(`cursors of ${node}`, async () => {
      await hastenCursors(alone(context.db), node)
      unseen.add(node)
      context.wake.signal('logs')
    })
  })

  async function list(which: {
    readonly spaces?: readonly SpaceId[]
    readonly nodes?: readonly NodeId[]
    readonly except?: readonly NodeId[]
  }): Promise<void> {
    const now = context.clock.now()
    const counts = new Map<NodeId, number>()
    const rows = await listBehind(context.db, context.node, { ...which, now, perNode: spacesPerLook })
    for (const row of rows) {
      note(row)
      const count = (counts.get(row.node) ?? 0) + 1
      counts.set(row.node, count)
      // There is more than fits.
      if (count === spacesPerLook) unseen.add(row.node)
    }
  }

  function note({ node, spaceId, kind }: Behind): void {
    const lacks = waiting.get(node) ?? { groups: new Set(), others: new Set() }
    waiting.set(node, lacks)
    lacks[kind === 'group' ? 'groups' : 'others'].add(spaceId)
  }

  async function listDue(busy: ReadonlySet<NodeId>): Promise<NodeId[]> {
    const hinted = hints
    hints = new Set()
    const nodes = [...unseen].filter((node) => !busy.has(node))
    for (const node of nodes) unseen.delete(node)
    if (hinted === 'all') {
      const except = [...busy]
      for (const node of except) unseen.add(node)
      await list({ except })
    } else {
      if (hinted.size > 0) await list({ spaces: [...hinted] })
      if (nodes.length > 0) await list({ nodes })
    }
    return [...waiting.keys()]
  }

  startLane(context, {
    name: 'log lane',
    lane: 'log',
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
  const atOnce = Math.min(limits.callsAtOnceMax.log, spaces.size)
  // What waits for one peer's answers is never more than one full batch.
  const bytes = Math.floor(limits.pushBytesMax / Math.max(1, atOnce))
  let reachable = true
  async function work(): Promise<void> {
    for (const space of spaces) {
      spaces.delete(space)
      let pushed: Awaited<ReturnType<typeof pushSpace>> = 'more'
      while (pushed === 'more' && reachable && !context.tasks.signal.aborted) {
        pushed = await pushSpace(context, node, space, bytes)
      }
      if (pushed === 'rest') reachable = false
      if (!reachable) return
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return reachable
}
