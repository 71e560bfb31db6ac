import { isEventType } from '#schema/event/types.ts'
import type { FenceDraft } from '#server/db/fences.ts'
import type { Tx } from '#server/db/open.ts'
import type { Placed } from '../intent.ts'
import type { LogPorts } from '../ports.ts'
import type { Effect } from './effect.ts'
import { effects } from './table.ts'

/** Runs the effects of entries in their order. Returns the fences they call for. */
export async function runEffects(
  tx: Tx,
  placed: readonly Placed[],
  { node, clock, random }: Pick<LogPorts, 'node' | 'clock' | 'random'>,
  hosted: boolean,
): Promise<FenceDraft[]> {
  const our = { node, hosted, clock, random }
  const fences: FenceDraft[] = []
  for (const { space, entry, event } of placed) {
    const { type } = event.header
    // The table gives the effect of the type by which the content was read.
    const effect = isEventType(type) ? effects[type] : undefined
    if (!effect || event.content === undefined) continue
    const { seq } = entry.body
    const content = event.content as never
    fences.push(
      ...((await (effect as Effect<never>)(tx, { space, seq, content, event, entry, ...our })) ?? []),
    )
  }
  return fences
}
