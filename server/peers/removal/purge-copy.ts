import type { Context } from '#server/context.ts'
import { deleteCopy } from '#server/db/copies.ts'
import type { Tx } from '#server/db/open.ts'
import {
  closeCopy,
  deleteDerived,
  deleteSome,
  type FencedSpaceRow,
  insertTombstone,
  noteStep,
} from '#server/db/purges.ts'
import type { PurgeStep } from '#server/db/tables.ts'

// One copy of a space, from closed to gone, in this order: nobody reads it, what hangs on it, contents, entries, state.
// Each step is a transaction that notes itself, so the next start goes on behind the last one that was committed.

/** Does one more piece of a step. True: the step is done. */
type Step = (tx: Tx, row: FencedSpaceRow, now: number) => Promise<boolean>

const steps: readonly (readonly [PurgeStep, Step])[] = [
  ['derived', async (tx, row) => await deleteDerived(tx, row.spaceId).then(() => true)],
  ['contents', async (tx, row) => !(await deleteSome(tx, row, 'content'))],
  ['entries', async (tx, row) => !(await deleteSome(tx, row, 'entry'))],
  [
    'rows',
    async (tx, row, now) => {
      await insertTombstone(tx, row, now)
      await deleteCopy(tx, row.spaceId)
      return true
    },
  ],
]

/** Purges one copy, as far as it has not been; it may be interrupted anywhere. */
export async function purgeCopy(context: Context, row: FencedSpaceRow): Promise<void> {
  if (row.step === null && !(await close(context, row))) return
  const done = steps.findIndex(([name]) => name === row.step)
  for (const [name, step] of steps.slice(done + 1)) {
    for (let isDone = false; !isDone;) {
      if (context.tasks.signal.aborted) return
      isDone = await context.db.transaction().execute(async (tx) => {
        const isComplete = await step(tx, row, context.clock.now())
        const outcome = name === 'rows' ? ({ outcome: 'purged' } as const) : {}
        if (isComplete) await noteStep(tx, row, { step: name, ...outcome })
        return isComplete
      })
    }
  }
  context.log.states.drop(row.spaceId)
}

/** First of all nobody reads it any more, in a commit of its own: then open views are told. False: it stays. */
async function close(context: Context, row: FencedSpaceRow): Promise<boolean> {
  const verdict = await context.db.transaction().execute(async (tx) => await closeCopy(tx, row))
  context.log.states.drop(row.spaceId)
  context.live.recheck({ space: row.spaceId })
  context.wake.signal('access')
  return verdict === 'purge'
}
