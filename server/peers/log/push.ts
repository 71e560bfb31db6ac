import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Batch, BatchAnswer } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'
import { perNode } from '../per-node.ts'
import { pullGroups, pullSpace } from './pull.ts'
import { mayBegin } from './participation.ts'
import { readEntries, receiveBatch } from './receive.ts'
import { mayBecomeKnown } from './thread-lists.ts'

const comeAgainSeconds = 2
const pullingOf = perNode(() => new Set<SpaceId>())

/**
 * Receives a batch that the host pushed. When entries are missing before it the host is told so, with our head, and
 * we ask for them ourselves too: whichever comes first fills the gap, the other finds nothing to do.
 */
export async function receivePush(
  context: Context,
  host: NodeId,
  space: SpaceId,
  batch: Batch,
): Promise<BatchAnswer> {
  try {
    return await receiveBatch(context, host, batch, { space })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'gap') {
      pullOnce(context, host, space, batch)
    }
    if (error.code === 'group-behind') {
      context.tasks.spawn('pull groups', async () => await pullGroups(context, host, batch))
    }
    if (
      (error.code === 'not-participating' || error.code === 'space-purged') &&
      (await mayBecomeKnown(context, host))
    ) {
      throw new Refusal('group-behind', { retryAfter: comeAgainSeconds }, { cause: error })
    }
    throw error
  }
}

/** However often a host pushes meanwhile. */
function pullOnce(context: Context, host: NodeId, space: SpaceId, batch: Batch): void {
  const pulling = pullingOf(context)
  if (pulling.has(space)) return
  pulling.add(space)
  context.tasks.spawn('pull', async () => {
    try {
      const asked = await mayBegin(context, host, space, readEntries(batch))
      await pullSpace(context, host, space, { asked })
    } finally {
      pulling.delete(space)
    }
  })
}
