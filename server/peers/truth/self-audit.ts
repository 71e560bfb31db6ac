import type { Context } from '#server/context.ts'
import { damaged } from '#server/db/spaces.ts'
import { auditLogs } from '#server/log/audit.ts'
import { alarmDaily } from '../alarm.ts'

/** Hashes every log that is held here anew. One that was damaged stops, so that nobody is given it (O13). */
export async function auditSelf(context: Context): Promise<void> {
  const { spaces, entries, damages } = await auditLogs(context.db, context.tasks.signal)
  for (const { space, seq, what } of damages) {
    const detail = `entry ${seq} in this database: ${what}`
    await alarmDaily(context, { kind: damaged, peer: context.node, space, detail, freeze: true })
    context.log.states.drop(space)
  }
  context.logger.info({ spaces, entries, damaged: damages.length }, 'All logs were hashed anew.')
}
