import { type Selectable, sql } from 'kysely'
import type { SpaceKind } from '#schema/event/shared.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import { awaitedPurges } from './purges.ts'
import { routes } from './routes.ts'
import { damaged } from './spaces.ts'
import type { Tables } from './tables.ts'

// How far each follower of our logs has come. Who is behind is derived from heads, reach and cursors; nothing is
// written when an entry is.

export type Behind = {
  readonly spaceId: SpaceId
  readonly kind: SpaceKind
  readonly node: NodeId
  /** What it lacks begins behind this seq: its last receipt, or where its window begins when it begins anew. */
  readonly after: number
  readonly headSeq: number
}

export type Which = {
  readonly spaces?: readonly SpaceId[]
  readonly nodes?: readonly NodeId[]
  readonly except?: readonly NodeId[]
  readonly now: number
  /** So many spaces of each node, those that have waited longest: whoever lacks thousands hides nobody else. */
  readonly perNode: number
}

/**
 * Does a node go on from its last receipt, however late its window begins by now? It does as long as it has not had to
 * delete its copy since: somebody there was let see every entry that it lacks when that was written (H1).
 */
function goesOn(host: NodeId) {
  return sql<boolean>`(c.acked_seq > 0 and not exists (
    select 1 from fence_space owed join fence f on f.host = owed.host and f.node = owed.node and f.n = owed.n
    where owed.host = ${host} and owed.node = c.node and owed.space_id = c.space_id
      and f.variant = 0 and f.purge_acked_at is null
  ))`
}

/** Whether a node's last receipt of a space is where it goes on from; undefined when it does not. */
export async function findContinuation(
  db: Db,
  { host, space, node }: { readonly host: NodeId; readonly space: SpaceId; readonly node: NodeId },
): Promise<number | undefined> {
  const { rows } = await sql<{ ackedSeq: number }>`
    select c.acked_seq from cursor c where c.space_id = ${space} and c.node = ${node} and ${goesOn(host)}
  `.execute(db)
  return rows[0]?.ackedSeq
}

/** The spaces that we host of which a node lacks entries that it may have (A5, H1). */
export async function listBehind(
  db: Db,
  host: NodeId,
  { spaces, nodes, except, now, perNode }: Which,
): Promise<Behind[]> {
  const among = [
    spaces ? sql`route.space_id = any(${[...spaces]}::text[])` : sql`true`,
    nodes ? sql`route.node = any(${[...nodes]}::text[])` : sql`true`,
    except ? sql`route.node <> all(${[...except]}::text[])` : sql`true`,
  ]
  const { rows } = await sql<Behind>`
    select space_id, kind, node, after, head_seq from (
    select s.id as space_id, s.kind, reach.node, start.after, s.head_seq, row_number() over (partition by reach.node order by s.head_at, s.id) as place
    from (
      select route.space_id, route.node, min(route.from_seq) as from_seq from (${routes}) route
      where route.node <> ${host} and ${sql.join(among, sql` and `)} group by route.space_id, route.node
    ) reach
    join space s on s.id = reach.space_id and s.host = ${host} and s.frozen is distinct from ${damaged}
    left join cursor c on c.space_id = reach.space_id and c.node = reach.node
    cross join lateral (
      select case when ${goesOn(host)} then c.acked_seq
        else greatest(coalesce(c.acked_seq, 0), reach.from_seq - 1) end as after
    ) start
    where start.after < s.head_seq and c.stopped is null
      and coalesce(c.next_attempt_at, 0) <= ${now}
      and not exists (
        ${awaitedPurges(host, now)} and s.space_id = reach.space_id and s.node = reach.node
      )
    ) behind
    where place <= ${perNode}
    order by node, place
  `.execute(db)
  return rows
}

/** Makes sure that there is a cursor to be held. */
export async function beginCursor(tx: Tx, space: SpaceId, node: NodeId): Promise<void> {
  await tx
    .insertInto('cursor')
    .values({ spaceId: space, node, ackedHash: null, stopped: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Locks a cursor against whoever forgets it when a copy is gone. False: there is none yet. */
export async function holdCursor(tx: Tx, space: SpaceId, node: NodeId): Promise<boolean> {
  const row = await tx
    .selectFrom('cursor')
    .select('node')
    .where('spaceId', '=', space)
    .where('node', '=', node)
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Sets a cursor from a receipt, forwards or backwards, and keeps the receipt as its proof. */
export async function putReceipt(tx: Tx, receipt: Selectable<Tables['receipt']>): Promise<void> {
  const { spaceId, node, epoch, seq, hash, jws, at } = receipt
  await sql`
    with kept as (
      insert into receipt (space_id, node, epoch, seq, hash, jws, at)
      values (${spaceId}, ${node}, ${epoch}, ${seq}, ${hash}, ${jws}, ${at})
      on conflict (space_id, node) do update
        set epoch = excluded.epoch, seq = excluded.seq, hash = excluded.hash, jws = excluded.jws, at = excluded.at
    )
    insert into cursor (space_id, node, acked_seq, acked_hash) values (${spaceId}, ${node}, ${seq}, ${hash})
    on conflict (space_id, node) do update
      set acked_seq = excluded.acked_seq, acked_hash = excluded.acked_hash, failures = 0, next_attempt_at = 0
  `.execute(tx)
}

/** A terminal answer: nothing more is sent until the node joins again (§9.4). */
export async function stopCursor(tx: Tx, space: SpaceId, node: NodeId, why: string): Promise<void> {
  await tx
    .insertInto('cursor')
    .values({ spaceId: space, node, ackedHash: null, stopped: why })
    .onConflict((conflict) => conflict.columns(['spaceId', 'node']).doUpdateSet({ stopped: why }))
    .execute()
}

/** The node holds nothing of the space any more. */
export async function restartCursor(tx: Tx, space: SpaceId, node: NodeId): Promise<void> {
  await tx
    .updateTable('cursor')
    .set({ ackedSeq: 0, ackedHash: null })
    .where('spaceId', '=', space)
    .where('node', '=', node)
    .execute()
}

/** Nodes that nobody reaches the space from: what comes until somebody does is not theirs, so they go on from no receipt (H1). */
export async function restartUnreached(tx: Tx, space: SpaceId): Promise<void> {
  await sql`
    update cursor set acked_seq = 0, acked_hash = null where space_id = ${space} and node not in (
      select route.node from (${routes}) route where route.space_id = ${space}
    )
  `.execute(tx)
}

/** A passing refusal of one space: the others of the same peer go on. */
export async function postponeCursor(tx: Tx, space: SpaceId, node: NodeId, until: number): Promise<void> {
  await tx
    .insertInto('cursor')
    .values({ spaceId: space, node, ackedHash: null, stopped: null, failures: 1, nextAttemptAt: until })
    .onConflict((conflict) =>
      conflict
        .columns(['spaceId', 'node'])
        .doUpdateSet((eb) => ({ failures: eb('cursor.failures', '+', 1), nextAttemptAt: until })),
    )
    .execute()
}

/** A node answers again: what was put off because it did not is tried at once. */
export async function hastenCursors(tx: Tx, node: NodeId): Promise<void> {
  await tx
    .updateTable('cursor')
    .set({ nextAttemptAt: 0 })
    .where('node', '=', node)
    .where('nextAttemptAt', '>', 0)
    .execute()
}

/** It has come on by itself, so that what was put off may be tried: whatever it was that it had before. */
export async function hastenCursor(tx: Tx, space: SpaceId, node: NodeId): Promise<void> {
  await tx
    .updateTable('cursor')
    .set({ nextAttemptAt: 0 })
    .where('spaceId', '=', space)
    .where('node', '=', node)
    .where('nextAttemptAt', '>', 0)
    .execute()
}

/**
 * Somebody comes to reach the space: what was refused before is offered again, to one node or to all; with a group
 * come its threads.
 */
export async function resumeCursors(tx: Tx, space: SpaceId, node?: NodeId): Promise<void> {
  const whose = node === undefined ? sql`true` : sql`node = ${node}`
  await sql`
    update cursor set stopped = null, failures = 0, next_attempt_at = 0
    where ${whose} and (space_id = ${space} or space_id in (
      select space_id from recipient where group_id = ${space} and remove_seq is null
    ))
  `.execute(tx)
}

/** A node that asks for a space takes part in it after all: what it once refused is offered again. */
export async function resumeRefused(tx: Tx, space: SpaceId, node: NodeId): Promise<void> {
  await tx
    .updateTable('cursor')
    .set({ stopped: null, failures: 0, nextAttemptAt: 0 })
    .where('spaceId', '=', space)
    .where('node', '=', node)
    .where('stopped', '=', 'not-participating')
    .execute()
}

export async function findFailures(db: Db, space: SpaceId, node: NodeId): Promise<number> {
  const row = await db
    .selectFrom('cursor')
    .select('failures')
    .where('spaceId', '=', space)
    .where('node', '=', node)
    .executeTakeFirst()
  return row?.failures ?? 0
}
