import { type Insertable, type Selectable, sql } from 'kysely'
import type { NodeId } from '#schema/ids.ts'
import type { RestoreReason } from '#server/ports/mode.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type IncarnationRow = Selectable<Tables['incarnation']>

const place = sql<string>`concat_ws('/', (select system_identifier from pg_control_system()),
  substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
  (select oid from pg_database where datname = current_database()),
  'incarnation'::regclass::oid)`

/**
 * Where these rows lie: server, timeline, database, table. A dump that is loaded has another one, on whatever server,
 * and so has a restore to a point in time. The timeline is that of the WAL that is being written: the control file
 * names it only after the next checkpoint.
 */
export async function findPlace(db: Db): Promise<string> {
  const { rows } = await sql<{ place: string }>`select ${place} as place`.execute(db)
  return rows[0]!.place
}

/**
 * Holds the row, so that processes that start at once see one another's. What is committed with it is flushed,
 * whatever the server is set to: a mark must not be ahead of the database.
 */
export async function holdIncarnation(tx: Tx): Promise<IncarnationRow | undefined> {
  await sql`set local synchronous_commit = on`.execute(tx)
  await sql`lock table incarnation in share row exclusive mode`.execute(tx)
  return await tx.selectFrom('incarnation').selectAll().executeTakeFirst()
}

export async function findIncarnation(db: Db): Promise<IncarnationRow | undefined> {
  return await db.selectFrom('incarnation').selectAll().executeTakeFirst()
}

export async function putIncarnation(tx: Tx, row: Insertable<Tables['incarnation']>): Promise<void> {
  await tx
    .insertInto('incarnation')
    .values(row)
    .onConflict((conflict) => conflict.column('one').doUpdateSet(row))
    .execute()
}

/**
 * Goes one tick on. Undefined: the row is not what it was when this process saw it last, so somebody has put another
 * database in its place, or another process has noticed that.
 */
export async function goOn(
  tx: Tx,
  seen: Pick<IncarnationRow, 'id' | 'tick'>,
): Promise<IncarnationRow | undefined> {
  await sql`set local synchronous_commit = on`.execute(tx)
  return await tx
    .updateTable('incarnation')
    .set((eb) => ({ tick: eb('tick', '+', 1) }))
    .where('id', '=', seen.id)
    .where('tick', '>=', seen.tick)
    .where('place', '=', place)
    .returningAll()
    .executeTakeFirst()
}

/** From here on others are asked before anything is signed; every process notices when it sets its mark. */
export async function markRecovery(tx: Tx, now: number, reason: RestoreReason): Promise<void> {
  await tx.updateTable('incarnation').set({ recoveringSince: now, reason }).execute()
}

/** The nodes that take part in what we host. */
export async function listFollowers(db: Db, ours: NodeId): Promise<NodeId[]> {
  const { rows } = await sql<{ node: NodeId }>`
    select distinct n.node from (
      select m.node from member m join space s on s.id = m.space_id
      where s.host = ${ours} and m.until_seq is null
      union select sn.node from space_node sn join space s on s.id = sn.space_id
      where s.host = ${ours} and sn.remove_seq is null
    ) n
    join peer p on p.node = n.node and not p.blocked and p.ended_at is null
    where n.node <> ${ours}
    order by n.node
  `.execute(db)
  return rows.map((row) => row.node)
}

/** The nodes that may hold something that we have signed: partners, and whoever takes part in what we hold. */
export async function listHolders(db: Db, ours: NodeId): Promise<NodeId[]> {
  const { rows } = await sql<{ node: NodeId }>`
    select node from peer where approved and not blocked and ended_at is null and node <> ${ours}
    union select node from space_node where remove_seq is null and node <> ${ours}
    union select host from space where host <> ${ours}
    order by node
  `.execute(db)
  return rows.map((row) => row.node)
}
