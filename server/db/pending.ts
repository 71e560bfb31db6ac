import { type Insertable, type RawBuilder, type Selectable, sql } from 'kysely'
import type { EventId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import { isHeld } from './holds.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// What our own users wrote in spaces that other nodes host, until it comes back in the host's log (A22):
// queued, sent, accepted; then the row is gone, or it is refused or expired and stays for its author.

export type PendingRow = Selectable<Tables['pending']>

/** Stores a pending event. Undefined, or the row that has this idempotency key already. */
export async function insertPending(
  tx: Tx,
  row: Insertable<Tables['pending']>,
): Promise<PendingRow | undefined> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('pending')
    .values(row)
    .onConflict((conflict) => conflict.columns(['spaceId', 'sender', 'idempotencyKey']).doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows !== 0n) return undefined
  return await tx
    .selectFrom('pending')
    .selectAll()
    .where('spaceId', '=', row.spaceId)
    .where('sender', '=', row.sender)
    .where('idempotencyKey', '=', row.idempotencyKey)
    .executeTakeFirstOrThrow()
}

export async function countPending(
  db: Db,
  user: UserId,
  space: SpaceId,
): Promise<{ ofUser: number; ofSpace: number }> {
  const { rows } = await sql<{ ofUser: number; ofSpace: number }>`
    select count(*) filter (where sender = ${user}) as of_user,
      count(*) filter (where space_id = ${space}) as of_space
    from pending where state in ('queued', 'sent', 'accepted') and (sender = ${user} or space_id = ${space})
  `.execute(db)
  return rows[0]!
}

/** What waits for a host, per space in the author's order. */
export async function listPendingOf(
  db: Db,
  host: NodeId,
  space: SpaceId,
  limit: number,
): Promise<PendingRow[]> {
  return await db
    .selectFrom('pending')
    .selectAll()
    .where('host', '=', host)
    .where('spaceId', '=', space)
    .where(mayGo(space))
    .orderBy('place')
    .limit(limit)
    .execute()
}

/**
 * What is to be submitted now: while a company has not been agreed to nothing goes there but leaving, and what was sent
 * already is asked about.
 */
function mayGo(space: SpaceId | RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(
    state = 'sent' or (state = 'queued' and (header::json ->> 'type' = 'member.leave' or not ${isHeld(space)}))
  )`
}

/** The spaces for which something waits that may go now. */
export async function listPendingSpaces(db: Db): Promise<{ host: NodeId; spaceId: SpaceId }[]> {
  return await db
    .selectFrom('pending')
    .select(['host', 'spaceId'])
    .distinct()
    .where(mayGo(sql.ref('pending.spaceId')))
    .orderBy('host')
    .orderBy('spaceId')
    .execute()
}

/** What one author has not seen in the log yet, in a space. */
export async function listPendingFor(db: Db, user: UserId, space: SpaceId): Promise<PendingRow[]> {
  return await db
    .selectFrom('pending')
    .selectAll()
    .where('spaceId', '=', space)
    .where('sender', '=', user)
    .orderBy('place')
    .limit(200)
    .execute()
}

export async function markPending(
  tx: Tx,
  ids: readonly EventId[],
  state: PendingRow['state'],
  code?: RefusalCode,
): Promise<void> {
  await tx
    .updateTable('pending')
    .set({ state, code: code ?? null })
    .where('eventId', '=', sql<EventId>`any(${[...ids]}::uuid[])`)
    .execute()
}

/**
 * Notes what the host says is in its log: it waits until the log brings it back. Where the log no longer comes here, or
 * our copy begins behind it, nothing would: then this answer is the end of it.
 */
export async function takeAccepted(
  tx: Tx,
  space: SpaceId,
  accepted: readonly { readonly id: EventId; readonly seq: number }[],
): Promise<void> {
  if (accepted.length === 0) return
  // Held, so that no purge begins between the look and the note.
  const copy = await tx
    .selectFrom('space')
    .select(['baseSeq', 'snapshotSeq', 'purging'])
    .where('id', '=', space)
    .forShare()
    .executeTakeFirst()
  const isComing = copy ? !copy.purging : await isBegun(tx, space)
  const begin = isComing ? Math.max(copy?.baseSeq ?? 0, copy?.snapshotSeq ?? 0) : Infinity
  const [coming, ended] = [
    accepted.filter(({ seq }) => seq > begin),
    accepted.filter(({ seq }) => seq <= begin),
  ]
  const idsOf = (some: typeof accepted): EventId[] => some.map(({ id }) => id)
  if (coming.length > 0) await markPending(tx, idsOf(coming), 'accepted')
  await takePending(tx, idsOf(ended))
}

/**
 * Did somebody here start this thread where another company hosts, and has not seen it in the log yet? Not when its host
 * has ordered it to be deleted here: then the log never comes.
 */
async function isBegun(tx: Tx, space: SpaceId): Promise<boolean> {
  const row = await tx
    .selectFrom('pending')
    .select('eventId')
    .where('spaceId', '=', space)
    .where('begins', '=', true)
    .where('state', 'in', ['queued', 'sent', 'accepted'])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('fenceSpace')
            .select('fenceSpace.n')
            .whereRef('fenceSpace.host', '=', 'pending.host')
            .whereRef('fenceSpace.spaceId', '=', 'pending.spaceId'),
        ),
      ),
    )
    .executeTakeFirst()
  return row !== undefined
}

/** The threads that somebody has started where another company hosts, and that are in no log here yet, newest first. */
export async function listBegun(
  db: Db,
  user: UserId,
  page: { readonly limit: number; readonly before?: number | undefined },
): Promise<PendingRow[]> {
  return await db
    .selectFrom('pending')
    .selectAll()
    .where('sender', '=', user)
    .where('begins', '=', true)
    .where('createdAt', '<', page.before ?? Number.MAX_SAFE_INTEGER)
    .orderBy('createdAt', 'desc')
    .limit(page.limit)
    .execute()
}

export async function findBegun(db: Db, user: UserId, space: SpaceId): Promise<PendingRow | undefined> {
  return await db
    .selectFrom('pending')
    .selectAll()
    .where('spaceId', '=', space)
    .where('sender', '=', user)
    .where('begins', '=', true)
    .executeTakeFirst()
}

/** Of a thread that its host has refused nothing goes there any more: what was written in it ends for the same reason. */
export async function refuseBegun(tx: Tx, space: SpaceId): Promise<void> {
  await sql`
    update pending set state = genesis.state, code = genesis.code
    from pending genesis
    where genesis.space_id = ${space} and genesis.begins and genesis.state = 'refused'
      and pending.space_id = ${space} and not pending.begins
  `.execute(tx)
}

/** Refuses what somebody wrote and was never sent (A22). */
export async function refusePendingOf(tx: Tx, user: UserId, code: RefusalCode): Promise<void> {
  await tx
    .updateTable('pending')
    .set({ state: 'refused', code })
    .where('sender', '=', user)
    .where('state', '=', 'queued')
    .where(sql<string>`header::json ->> 'type'`, '<>', 'member.leave')
    .execute()
}

/** What waits for a host that takes nothing in any more. */
export async function refusePendingTo(tx: Tx, host: NodeId, code: RefusalCode): Promise<void> {
  await tx
    .updateTable('pending')
    .set({ state: 'refused', code })
    .where('host', '=', host)
    .where('state', 'in', ['queued', 'sent'])
    .execute()
}

/** Ends pending rows whose entries have come, and says what they were asked for with. */
export async function takePending(tx: Tx, ids: readonly EventId[]): Promise<PendingRow[]> {
  if (ids.length === 0) return []
  return await tx
    .deleteFrom('pending')
    .where('eventId', '=', sql<EventId>`any(${[...ids]}::uuid[])`)
    .returningAll()
    .execute()
}

/**
 * Expires what was never sent and may no longer be accepted (A22), and what was written in a thread that has not begun
 * for that reason. A thread that its host has, and of which nothing has come here since, has gone out of our reach.
 */
export async function expirePending(tx: Tx, now: number): Promise<void> {
  await sql`
    update pending set state = 'expired'
    where (state = 'queued' and expires_at < ${now}) or (
      state = 'accepted' and expires_at < ${now} and not exists (select 1 from space where id = pending.space_id)
    )
  `.execute(tx)
  await sql`
    update pending set state = 'expired'
    where state in ('queued', 'accepted') and not begins and exists (
      select 1 from pending genesis
      where genesis.space_id = pending.space_id and genesis.begins and genesis.state = 'expired'
    )
  `.execute(tx)
}

/** What one author wrote that no log took, newest first. */
export async function listUnsent(db: Db, user: UserId, limit: number): Promise<PendingRow[]> {
  return await db
    .selectFrom('pending')
    .selectAll()
    .where('sender', '=', user)
    .where('state', 'in', ['refused', 'expired'])
    .orderBy('place', 'desc')
    .limit(limit)
    .execute()
}

export async function deleteUnsent(tx: Tx, user: UserId, id: EventId): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('pending')
    .where('eventId', '=', id)
    .where('sender', '=', user)
    .where('state', 'in', ['refused', 'expired'])
    .executeTakeFirstOrThrow()
  return numDeletedRows !== 0n
}
