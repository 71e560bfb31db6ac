import { type Selectable, sql } from 'kysely'
import type { Hash, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import { takingEpoch } from './spaces.ts'
import type { Tables } from './tables.ts'

// Epochs that hosts have begun where our copy does not follow by itself, and what was cut off from logs.

export type OfferedEpoch = Selectable<Tables['offeredEpoch']>

/** Keeps the newest that a host has begun. */
export async function offerEpoch(tx: Tx, row: OfferedEpoch): Promise<void> {
  await tx
    .insertInto('offeredEpoch')
    .values(row)
    .onConflict((conflict) => conflict.column('spaceId').doUpdateSet(row))
    .execute()
}

export async function findOffered(db: Db, space: SpaceId): Promise<OfferedEpoch | undefined> {
  return await db.selectFrom('offeredEpoch').selectAll().where('spaceId', '=', space).executeTakeFirst()
}

/** What was agreed to is not what is offered any more. */
export async function stopTaking(tx: Tx, space: SpaceId): Promise<void> {
  await tx
    .updateTable('space')
    .set({ frozen: null })
    .where('id', '=', space)
    .where('frozen', '=', takingEpoch)
    .execute()
}

/** The epoch is here: the log goes on. */
export async function settleOffered(tx: Tx, space: SpaceId): Promise<void> {
  await tx.deleteFrom('offeredEpoch').where('spaceId', '=', space).execute()
  await tx.updateTable('space').set({ frozen: null }).where('id', '=', space).execute()
}

/** The last entry before an epoch begins in our log; undefined when it does not begin here. */
export async function findBefore(
  db: Db,
  space: SpaceId,
  epoch: number,
): Promise<{ seq: number; hash: Hash } | undefined> {
  const { rows } = await sql<{ seq: number; hash: Hash }>`
    select before.seq, coalesce(e.hash, s.base_hash) as hash
    from (select min(seq) - 1 as seq from entry where space_id = ${space} and epoch = ${epoch}) before
    join space s on s.id = ${space}
    left join entry e on e.space_id = s.id and e.seq = before.seq
    where coalesce(e.hash, s.base_hash) is not null
  `.execute(db)
  return rows[0]
}

/** What was cut off a log, as so many runs of entries of one epoch that were cut at one time. */
export async function listCuts(db: Db, space: SpaceId): Promise<Cut[]> {
  const { rows } = await sql<Cut>`
    select epoch, cut_at, min(seq) as first, max(seq) as last, (array_agg(hash order by seq desc))[1] as hash
    from side_entry where space_id = ${space} group by epoch, cut_at order by cut_at, epoch
  `.execute(db)
  return rows
}

export type Cut = {
  readonly epoch: number
  readonly cutAt: number
  readonly first: number
  readonly last: number
  /** Of the last entry. */
  readonly hash: Hash
}

export type SideEntry = Selectable<Tables['sideEntry']>

/** What was cut off, as it was written, in the order of its cutting and of the log. */
export async function listSideEntries(
  db: Db,
  space: SpaceId,
  page: { readonly cutAt: number; readonly after: number; readonly limit: number },
): Promise<SideEntry[]> {
  return await db
    .selectFrom('sideEntry')
    .selectAll()
    .where('spaceId', '=', space)
    .where('cutAt', '=', page.cutAt)
    .where('seq', '>', page.after)
    .orderBy('seq')
    .limit(page.limit)
    .execute()
}

/** The highest epoch of which we have seen anything in a log that we host. */
export async function findHighestEpoch(db: Db, space: SpaceId): Promise<number> {
  const { rows } = await sql<{ epoch: number }>`
    select max(epoch)::int as epoch from (
      select epoch from space where id = ${space}
      union all select epoch from side_entry where space_id = ${space}
      union all select epoch from claimed_head where space_id = ${space}
    ) seen
  `.execute(db)
  return rows[0]!.epoch
}
