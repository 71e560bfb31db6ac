import type { Recovery } from '#schema/api/recovery.ts'
import { findIncarnation } from '#server/db/incarnation.ts'
import type { Db } from '#server/db/open.ts'
import { countWithheld, listReconciliations } from '#server/db/recovery.ts'

/** How far the node has come that was put back from a backup; for administrators, and for the command line. */
export async function viewRecovery({ db }: { readonly db: Db }): Promise<Recovery> {
  const row = await findIncarnation(db)
  const since = row?.recoveringSince ?? null
  const reason = row?.reason ?? null
  return {
    recovering: since === null || reason === null ? null : { since, reason },
    partners: await listReconciliations(db),
    withheld: await countWithheld(db),
  }
}
