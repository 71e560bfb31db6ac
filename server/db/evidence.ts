import { type Selectable, sql } from 'kysely'
import type { Hash } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type EvidenceRow = Selectable<Tables['evidence']>

export async function findEvidence(db: Db, hash: Hash): Promise<EvidenceRow | undefined> {
  return await db.selectFrom('evidence').selectAll().where('hash', '=', hash).executeTakeFirst()
}

/** False when it is known, or when there is enough of it about this space: more would say nothing new. */
export async function insertEvidence(tx: Tx, row: EvidenceRow, max: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into evidence (hash, space_id, host, seq, a, b, entries, at, event_id)
    select ${row.hash}, ${row.spaceId}, ${row.host}, ${row.seq}::bigint, ${row.a}, ${row.b}, ${row.entries},
      ${row.at}::bigint, ${row.eventId}::uuid
    where (select count(*) from evidence where space_id = ${row.spaceId}) < ${max}
    on conflict do nothing
  `.execute(tx)
  return numAffectedRows === 1n
}
