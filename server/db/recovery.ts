import { type Selectable, sql } from 'kysely'
import type { NodeId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// What a node that was put back from a backup has to find out, and has found out so far.

export type ReconciliationRow = Selectable<Tables['reconciliation']>

/** Begins anew: these nodes have to be asked, and nothing that others may hold is read or written meanwhile. */
export async function beginRecovery(tx: Tx, ours: NodeId, nodes: readonly NodeId[]): Promise<void> {
  await tx.deleteFrom('reconciliation').execute()
  await tx.deleteFrom('claimedHead').execute()
  await tx
    .insertInto('reconciliation')
    .values(nodes.map((node) => ({ node, answeredAt: null, triedAt: null, outcome: null })))
    .execute()
  await sql`
    with touched as (
      select space_id from member where node <> ${ours}
      union select space_id from invited
      union select space_id from space_node
    )
    update space set withheld = true where host <> ${ours} or id in (select space_id from touched)
      or id in (select space_id from recipient where group_id in (select space_id from touched))
  `.execute(tx)
}

export async function listReconciliations(db: Db): Promise<ReconciliationRow[]> {
  return await db.selectFrom('reconciliation').selectAll().orderBy('node').execute()
}

/** How many spaces wait, by their hosts. */
export async function countWithheld(db: Db): Promise<{ readonly host: NodeId; readonly spaces: number }[]> {
  const { rows } = await sql<{ host: NodeId; spaces: number }>`
    select host, count(*)::int as spaces from space where withheld group by host order by host
  `.execute(db)
  return rows
}
