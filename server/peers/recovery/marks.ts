import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { goOn, listHolders } from '#server/db/incarnation.ts'
import { detect, modeOf } from './detect.ts'

/** Sets a mark beside the database, again and again, and notices what another process, or a restore, has changed. */
export function startMarks(context: Context): void {
  context.tasks.every('mark', limits.markMs, async () => await setMark(context))
}

/** The file is written after the commit that it is about: it may be behind the database, and never ahead (B1). */
export async function setMark(context: Context): Promise<void> {
  const { db, mark, mode, node } = context
  const { incarnation: id, tick } = mode
  const row = await db.transaction().execute(async (tx) => await goOn(tx, { id, tick }))
  if (!row) {
    await noticeRestore(context)
    return
  }
  become(context, modeOf(row))
  mark.write({ v: 1, incarnation: row.id, tick: row.tick, nodes: await listHolders(db, node) })
}

/** The database is another one than before: this process looks at it as at a start. */
async function noticeRestore(context: Context): Promise<void> {
  become(context, await detect(context))
}

function become(context: Context, mode: Context['mode']): void {
  const was = context.mode.recovering
  Object.assign(context.mode, mode)
  if (was?.since === mode.recovering?.since) return
  if (mode.recovering) {
    const { reason } = mode.recovering
    const why =
      reason === 'keys-recovered'
        ? 'The keys of this node were replaced. Partners are asked what was signed with the old ones.'
        : 'This database was put back from a backup. Partners are asked what came after it.'
    context.logger.warn({ reason }, why)
  } else context.logger.info('Partners have said what they hold of this node. It goes on as ever.')
  // What may be read and written is another matter now, and whatever waited for it may go on.
  context.live.recheck({})
  for (const topic of [
    'access',
    'recovery',
    'control',
    'logs',
    'submit',
    'leases',
    'purges',
    'identities',
  ] as const)
    context.wake.signal(topic)
}
