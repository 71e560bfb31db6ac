import type { Insertable } from 'kysely'
import type { Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type AuditRow = Insertable<Tables['audit']>

/** Who decided what, for the workspace's own records. */
export async function insertAudit(tx: Tx, entry: AuditRow): Promise<void> {
  await tx.insertInto('audit').values(entry).execute()
}
