import { type Selectable, sql } from 'kysely'
import type { EventId, Hash, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// What hosts have promised to have in their logs: checkpoints that came with the answers to submissions, until our
// copies are as long.

export type PromiseRow = Selectable<Tables['promise']>

export async function insertPromise(tx: Tx, row: PromiseRow): Promise<void> {
  await sql`
    insert into promise (space_id, seq, hash, jws, at)
    select ${row.spaceId}, ${row.seq}::bigint, ${row.hash}, ${row.jws}, ${row.at}::bigint
    where exists (select 1 from space where id = ${row.spaceId})
      or exists (select 1 from pending where space_id = ${row.spaceId} and begins)
    on conflict do nothing
  `.execute(tx)
}

/** Nothing will be compared with what was promised of a space that is not, and will not be, here. */
export async function forgetPromises(tx: Tx): Promise<void> {
  await sql`
    delete from promise where not exists (select 1 from space where id = promise.space_id)
      and not exists (select 1 from pending where space_id = promise.space_id and begins)
  `.execute(tx)
}

/** A promise that our copy has come to, with the hash that the copy has there. */
export type DuePromise = PromiseRow & { readonly held: Hash }

export async function listDuePromises(db: Db, space: SpaceId): Promise<DuePromise[]> {
  return await db
    .selectFrom('promise')
    .innerJoin('entry', (join) =>
      join.onRef('entry.spaceId', '=', 'promise.spaceId').onRef('entry.seq', '=', 'promise.seq'),
    )
    .selectAll('promise')
    .select('entry.hash as held')
    .where('promise.spaceId', '=', space)
    .execute()
}

export async function deletePromise(tx: Tx, { spaceId, seq, hash }: PromiseRow): Promise<void> {
  await tx
    .deleteFrom('promise')
    .where('spaceId', '=', spaceId)
    .where('seq', '=', seq)
    .where('hash', '=', hash)
    .execute()
}

/** Notes where the host says that an event stands. */
export async function notePromised(tx: Tx, event: EventId, seq: number): Promise<void> {
  await tx.updateTable('pending').set({ promisedSeq: seq }).where('eventId', '=', event).execute()
}

/** What was accepted and has not come, although our copy is beyond where the host said that it stands. */
export async function listOmitted(
  db: Db,
  space: SpaceId,
): Promise<{ eventId: EventId; promisedSeq: number }[]> {
  const rows = await db
    .selectFrom('pending')
    .innerJoin('space', 'space.id', 'pending.spaceId')
    .select(['pending.eventId', 'pending.promisedSeq'])
    .where('pending.spaceId', '=', space)
    .where('pending.state', '=', 'accepted')
    .whereRef('pending.promisedSeq', '<=', 'space.headSeq')
    .orderBy('pending.promisedSeq')
    .limit(10)
    .execute()
  return rows.map(({ eventId, promisedSeq }) => ({ eventId, promisedSeq: promisedSeq! }))
}
