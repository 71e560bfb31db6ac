import { accept } from '#federation/outcome.ts'
import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listClosedByBlock } from '#server/db/fences.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import { newEventId } from '#server/ports/random.ts'

/**
 * A block closes each space up to a place that its log has not reached; the block gone, the log has to reach it, or
 * nobody there could read again. Which logs those are is read from the orders, so this may run any number of times.
 */
export async function sweepUnblocked(context: Context): Promise<void> {
  for (const space of await listClosedByBlock(context.db, context.node, limits.pageLengthMax)) {
    await append(context, space)
  }
}

/** Says again what the log says already: nobody's doing, and it changes nothing that people see. */
async function append(context: Context, space: SpaceId): Promise<void> {
  const id = newEventId(context.clock, context.random)
  await context.log.append({
    space,
    origin: context.node,
    eventId: id,
    bytes: limits.headerBytesMax,
    groups: [],
    changesState: true,
    plan: (state) => {
      const value = state?.settings.get('description') ?? ''
      return accept([
        makeHostEvent(context, { space, type: 'space.set', content: { key: 'description', value }, id }),
      ])
    },
  })
}
