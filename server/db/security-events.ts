import type { Selectable } from 'kysely'
import type { Tx } from './open.ts'
import type { Tables } from './tables.ts'

/** What an operator must look at: forks, frozen spaces, forged events, fences that contradict each other. */
export async function insertSecurityEvent(tx: Tx, event: Selectable<Tables['securityEvent']>): Promise<void> {
  await tx.insertInto('securityEvent').values(event).execute()
}
