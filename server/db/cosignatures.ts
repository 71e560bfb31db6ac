import { type Selectable, sql } from 'kysely'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { SpaceRow } from './spaces.ts'
import type { Tables } from './tables.ts'

// The newest receipts of each other participant of a log: what it has on disk, in its own words. A host has them in
// `receipt`, a follower in `cosignature`, as the host has passed them on.

export type CosignatureRow = Selectable<Tables['cosignature']>

/**
 * Those that a node may be shown: of nodes that the space's own log names, or that of a group which users of the node
 * are in too. Whoever comes through another group is no business of theirs.
 */
export async function listCosignatures(
  db: Db,
  space: Pick<SpaceRow, 'id' | 'host'>,
  { except, limit }: { readonly except: NodeId; readonly limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ jws: string }>`
    with known as (
      select n.node from space_node n where n.space_id = ${space.id} and n.remove_seq is null
      union
      select n.node from recipient r join space_node n on n.space_id = r.group_id and n.remove_seq is null
      where r.space_id = ${space.id} and r.remove_seq is null and exists (
        select 1 from member m where m.space_id = r.group_id and m.node = ${except} and m.until_seq is null
      )
    )
    select jws from (
      select node, jws, at from receipt where space_id = ${space.id} and seq > 0
      union all
      select node, jws, at from cosignature where space_id = ${space.id}
    ) held
    where node <> ${except} and node in (select node from known)
    order by at desc, node limit ${limit}
  `.execute(db)
  return rows.map((row) => row.jws)
}

export async function listHeldCosignatures(db: Db, space: SpaceId): Promise<CosignatureRow[]> {
  return await db.selectFrom('cosignature').selectAll().where('spaceId', '=', space).execute()
}

/**
 * Keeps the newest of a node; an older one changes nothing. Nothing for a copy that is gone; one that is just being
 * deleted is waited for, since it may stay.
 */
export async function putCosignature(tx: Tx, row: CosignatureRow): Promise<void> {
  await sql`
    insert into cosignature (space_id, node, epoch, seq, hash, jws, at)
    select id, ${row.node}, ${row.epoch}::int, ${row.seq}::bigint, ${row.hash}, ${row.jws}, ${row.at}::bigint
    from space where id = ${row.spaceId} for key share
    on conflict (space_id, node) do update set epoch = excluded.epoch, seq = excluded.seq, hash = excluded.hash,
      jws = excluded.jws, at = excluded.at
    where (cosignature.epoch, cosignature.seq) < (excluded.epoch, excluded.seq)
  `.execute(tx)
}

/** Those that speak of an entry which our copy has otherwise. */
export async function listContradicting(
  db: Db,
  space: SpaceId,
): Promise<{ node: NodeId; seq: number; hash: Hash }[]> {
  return await db
    .selectFrom('cosignature')
    .innerJoin('entry', (join) =>
      join.onRef('entry.spaceId', '=', 'cosignature.spaceId').onRef('entry.seq', '=', 'cosignature.seq'),
    )
    .select(['cosignature.node', 'cosignature.seq', 'cosignature.hash'])
    .where('cosignature.spaceId', '=', space)
    .whereRef('entry.epoch', '=', 'cosignature.epoch')
    .whereRef('entry.hash', '<>', 'cosignature.hash')
    .execute()
}
