import { type Selectable, sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// What a node that was put back from a backup has to find out, and has found out so far.

export type ClaimRow = Selectable<Tables['claimedHead']>
export type ReconciliationRow = Selectable<Tables['reconciliation']>

/** Begins anew: these nodes have to be asked, and nothing that others may hold is read or written meanwhile. */
export async function beginRecovery(tx: Tx, ours: NodeId, nodes: readonly NodeId[]): Promise<void> {
  await beginAsking(tx, nodes, null)
  await sql`update space set withheld = true where host <> ${ours}`.execute(tx)
  await withholdShared(tx, ours)
}

/** The same where nothing is missing here: what others host goes on, and only what they may hold more of waits. */
export async function askFollowers(
  tx: Tx,
  ours: NodeId,
  nodes: readonly NodeId[],
  now: number,
): Promise<void> {
  await beginAsking(tx, nodes, now)
  await withholdShared(tx, ours)
}

async function beginAsking(tx: Tx, nodes: readonly NodeId[], caughtUpAt: number | null): Promise<void> {
  await tx.deleteFrom('reconciliation').execute()
  await tx.deleteFrom('claimedHead').execute()
  const nothing = { answeredAt: null, lostAt: null, triedAt: null, outcome: null }
  await tx
    .insertInto('reconciliation')
    .values(nodes.map((node) => ({ node, caughtUpAt, ...nothing })))
    .execute()
}

/** What we host and another company has ever taken part in. */
async function withholdShared(tx: Tx, ours: NodeId): Promise<void> {
  await sql`
    with touched as (
      select space_id from member where node <> ${ours}
      union select space_id from invited
      union select space_id from space_node
    )
    update space set withheld = true where host = ${ours} and (id in (select space_id from touched)
      or id in (select space_id from recipient where group_id in (select space_id from touched)))
  `.execute(tx)
}

export async function listReconciliations(db: Db): Promise<ReconciliationRow[]> {
  return await db.selectFrom('reconciliation').selectAll().orderBy('node').execute()
}

export async function noteReconciliation(
  tx: Tx,
  node: NodeId,
  what: Partial<Omit<ReconciliationRow, 'node'>>,
): Promise<void> {
  await tx.updateTable('reconciliation').set(what).where('node', '=', node).execute()
}

/** Nobody waits for this node any more. False: nobody does. */
export async function declareLost(tx: Tx, node: NodeId, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('reconciliation')
    .set({ answeredAt: now, lostAt: now, outcome: 'declared lost' })
    .where('node', '=', node)
    .where('answeredAt', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows !== 0n
}

/** What we host and somebody may hold more of who was declared lost. */
export async function listLostSpaces(
  db: Db,
  host: NodeId,
): Promise<{ readonly space: SpaceId; readonly node: NodeId }[]> {
  const { rows } = await sql<{ space: SpaceId; node: NodeId }>`
    select distinct s.id as space, r.node from reconciliation r
    join space s on s.host = ${host} and s.frozen is null and s.withheld
    where r.lost_at is not null and exists (
      select 1 from member m where m.node = r.node
        and (m.space_id = s.id or m.space_id in (select group_id from recipient where space_id = s.id))
    )
    order by s.id, r.node
  `.execute(db)
  return rows
}

/** How many spaces wait, by their hosts. */
export async function countWithheld(db: Db): Promise<{ readonly host: NodeId; readonly spaces: number }[]> {
  const { rows } = await sql<{ host: NodeId; spaces: number }>`
    select host, count(*)::int as spaces from space where withheld group by host order by host
  `.execute(db)
  return rows
}

/** What a host hosts may be read again: it is known what there is. */
export async function release(tx: Tx, { host }: { readonly host: NodeId }): Promise<void> {
  await tx.updateTable('space').set({ withheld: false }).where('host', '=', host).execute()
}

/** A log that we host goes on. */
export async function releaseSpace(tx: Tx, space: SpaceId): Promise<void> {
  await tx.updateTable('space').set({ withheld: false }).where('id', '=', space).execute()
}

/** What somebody holds of a log that we host, by our own signature. */
export async function putClaim(tx: Tx, claim: ClaimRow): Promise<void> {
  await tx
    .insertInto('claimedHead')
    .values(claim)
    .onConflict((conflict) => conflict.columns(['spaceId', 'node']).doUpdateSet(claim))
    .execute()
}

export async function listClaims(db: Db): Promise<ClaimRow[]> {
  return await db.selectFrom('claimedHead').selectAll().orderBy('spaceId').orderBy('node').execute()
}

export async function listWithheldHosted(db: Db, host: NodeId): Promise<SpaceId[]> {
  const rows = await db
    .selectFrom('space')
    .select('id')
    .where('host', '=', host)
    .where('withheld', '=', true)
    .orderBy('kind')
    .orderBy('id')
    .execute()
  return rows.map((row) => row.id)
}

/** The node may speak again. What others host is shut until each of them has been followed again. */
export async function endRecovery(tx: Tx, ours: NodeId): Promise<void> {
  await tx.updateTable('incarnation').set({ recoveringSince: null, reason: null }).execute()
  await release(tx, { host: ours })
  await tx.deleteFrom('claimedHead').execute()
}
