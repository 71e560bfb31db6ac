import type { Context } from '#server/context.ts'
import type { AuditRow } from '#server/db/audit.ts'
import { newUuid } from '#server/ports/random.ts'
import type { Actor } from './actor.ts'

/** The record of an act, to be written in the transaction of the act. */
export function auditOf(
  context: Context,
  actor: Pick<Actor, 'userId'>,
  { act, subject }: Pick<AuditRow, 'act' | 'subject'>,
): AuditRow {
  const { clock, random } = context
  return { id: newUuid(clock, random), at: clock.now(), actor: actor.userId, act, subject }
}
