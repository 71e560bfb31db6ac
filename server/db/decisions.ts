import type { Insertable } from 'kysely'
import type { Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type NewDecision = Insertable<Tables['decision']>

/** Written in the transaction of what was decided, or alone when it was refused. */
export async function insertDecision(tx: Tx, decision: NewDecision): Promise<void> {
  await tx.insertInto('decision').values(decision).execute()
}
