import { type Selectable, sql } from 'kysely'
import type { SpaceState } from '#federation/state.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'
import type { Tables } from './tables.ts'

export type SpaceRow = Selectable<Tables['space']>
export type StateRow = Selectable<Tables['spaceState']>

/**
 * Locks the head rows of spaces, in the order of their ids: two batches that share spaces queue up, and never
 * wait for each other. NO KEY, so that rows that refer to the space can still be written.
 */
export async function holdSpaces(tx: Tx, ids: readonly SpaceId[]): Promise<SpaceRow[]> {
  const { rows } = await sql<SpaceRow>`
    select * from space where id = any(${ids}) order by id for no key update
  `.execute(tx)
  return rows
}

/**
 * Locks state rows, after the head rows and in the order of ids. `change` when any of them will change;
 * otherwise they are shared, so that posts to many threads of one group do not wait for each other.
 */
export async function holdStates(
  tx: Tx,
  ids: readonly SpaceId[],
  mode: 'change' | 'share',
): Promise<StateRow[]> {
  const lock = mode === 'change' ? sql`for no key update` : sql`for share`
  const { rows } = await sql<StateRow>`
    select * from space_state where space_id = any(${ids}) order by space_id ${lock}
  `.execute(tx)
  return rows
}

export async function findSpace(db: Db, id: SpaceId): Promise<SpaceRow | undefined> {
  return await db.selectFrom('space').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findStateRow(db: Db, id: SpaceId): Promise<StateRow | undefined> {
  return await db.selectFrom('spaceState').selectAll().where('spaceId', '=', id).executeTakeFirst()
}

/** Makes the rows of a space that begins. False when it exists already. */
export async function insertSpace(tx: Tx, space: SpaceRow, state: StateRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('space')
    .values(space)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows === 0n) return false
  await tx.insertInto('spaceState').values(state).execute()
  return true
}

/** Why a log is frozen that is not what was written: nobody is given any of it. */
export const damaged = 'damaged-log'

/** Why a log is frozen that an administrator has agreed to follow into another epoch, until the epoch is here. */
export const takingEpoch = 'taking-epoch'

/** Stops a log until an administrator has decided. The first reason stays. */
export async function freezeSpace(tx: Tx, id: SpaceId, why: string): Promise<void> {
  await tx
    .updateTable('space')
    .set((eb) => ({ frozen: eb.fn.coalesce('frozen', eb.val(why)) }))
    .where('id', '=', id)
    .execute()
}

/** The same for everything that a node hosts and another company takes part in. */
export async function freezeShared(tx: Tx, host: NodeId, why: string): Promise<void> {
  await sql`
    with shared as (select space_id from member where node <> ${host} and until_seq is null)
    update space set frozen = coalesce(frozen, ${why})
    where host = ${host} and (id in (select space_id from shared) or id in (
      select space_id from recipient where remove_seq is null and group_id in (select space_id from shared)
    ))
  `.execute(tx)
}

/** Reads the state of spaces from the rows that their effects wrote. */
export async function loadStates(db: Db, ids: readonly SpaceId[]): Promise<Map<SpaceId, SpaceState>> {
  if (ids.length === 0) return new Map()
  const list = [...ids]
  const spaces = await db
    .selectFrom('space')
    .innerJoin('spaceState', 'spaceState.spaceId', 'space.id')
    .select(['id', 'kind', 'host', 'epoch', 'starter', 'stateSeq', 'stateHash'])
    .where('id', '=', sql<SpaceId>`any(${list})`)
    .execute()
  const states = new Map<SpaceId, SpaceState>(
    spaces.map((space) => [
      space.id,
      {
        ...space,
        members: new Map(),
        invites: new Map(),
        groups: new Map(),
        nodes: new Map(),
        settings: new Map(),
      },
    ]),
  )
  await fillStates(db, list, states)
  return states
}

async function fillStates(db: Db, ids: SpaceId[], states: Map<SpaceId, SpaceState>): Promise<void> {
  const among = sql<SpaceId>`any(${ids})`
  const members = await db
    .selectFrom('member')
    .select(['spaceId', 'userId', 'joinSeq', 'role', 'history'])
    .where('spaceId', '=', among)
    .where('untilSeq', 'is', null)
    .execute()
  for (const { spaceId, userId, ...member } of members) states.get(spaceId)?.members.set(userId, member)
  const invited = await db
    .selectFrom('invited')
    .select(['spaceId', 'jti', 'node', 'role', 'history'])
    .where('spaceId', '=', among)
    .where('endSeq', 'is', null)
    .execute()
  for (const { spaceId, jti, ...invite } of invited) states.get(spaceId)?.invites.set(jti, invite)
  const recipients = await db
    .selectFrom('recipient')
    .select(['spaceId', 'groupId', 'addSeq', 'history', 'anchorSeq'])
    .where('spaceId', '=', among)
    .where('removeSeq', 'is', null)
    .execute()
  for (const { spaceId, groupId, ...group } of recipients) states.get(spaceId)?.groups.set(groupId, group)
  const nodes = await db
    .selectFrom('spaceNode')
    .select(['spaceId', 'node', 'addSeq'])
    .where('spaceId', '=', among)
    .where('removeSeq', 'is', null)
    .execute()
  for (const { spaceId, node, addSeq } of nodes) states.get(spaceId)?.nodes.set(node, addSeq)
  const settings = await db
    .selectFrom('setting')
    .select(['spaceId', 'key', 'value'])
    .where('spaceId', '=', among)
    .execute()
  for (const { spaceId, key, value } of settings) states.get(spaceId)?.settings.set(key, value)
  for (const state of states.values())
    if (state.kind === 'dm') state.placesLeft = await countPlacesLeft(db, state.id)
}

/** A dm's genesis says how many places it has; every membership that ever began took one. */
async function countPlacesLeft(db: Db, dm: SpaceId): Promise<number> {
  const { rows } = await sql<{ left: number }>`
    select coalesce((c.text::json ->> 'size')::int, 0) - (
      select count(*)::int from member m where m.space_id = c.space_id and m.from_seq = m.join_seq
    ) as left
    from content c where c.space_id = ${dm} and c.seq = 1
  `.execute(db)
  return rows[0]?.left ?? 0
}

/** The nodes that take part in spaces by their own logs or, for threads, by those of their groups; ours too. */
export async function listNodesOf(db: Db, spaces: readonly SpaceId[]): Promise<Map<SpaceId, NodeId[]>> {
  const { rows } = await sql<{ id: SpaceId; nodes: NodeId[] }>`
    select s.id, array(
      select distinct route.node from (${routes}) route where route.space_id = s.id order by route.node
    ) as nodes
    from unnest(${[...spaces]}::text[]) as s (id)
  `.execute(db)
  return new Map(rows.map(({ id, nodes }) => [id, nodes]))
}

/** How far these logs have come, and how often they were cut. */
export async function listHeads(
  db: Db,
  ids: readonly SpaceId[],
): Promise<Pick<SpaceRow, 'id' | 'headSeq' | 'cuts'>[]> {
  return await db
    .selectFrom('space')
    .select(['id', 'headSeq', 'cuts'])
    .where('id', '=', sql<SpaceId>`any(${[...ids]})`)
    .execute()
}

/** All spaces that are held here, by id, after one of them. */
export async function listSpaceIds(db: Db, after: string, limit: number): Promise<SpaceId[]> {
  const rows = await db
    .selectFrom('space')
    .select('id')
    .where('id', '>', after as SpaceId)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}
