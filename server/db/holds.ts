import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { SpaceKind } from '#schema/event/shared.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// Spaces of other hosts in which a company has arrived that an administrator here has to agree to. A hold on a group
// holds the threads that address it (A5).

export type HoldRow = Selectable<Tables['hold']>

export async function insertHold(tx: Tx, hold: Omit<HoldRow, 'decidedBy' | 'decidedAt'>): Promise<void> {
  await tx
    .insertInto('hold')
    .values({ ...hold, decidedBy: null, decidedAt: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Groups that a thread addresses or, as long as its host does not have it, is to address. */
function addressedBy(space: SpaceId | RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select group_id from recipient where space_id = ${space} and remove_seq is null
    union all
    select addressed.id from pending genesis
    cross join lateral json_array_elements_text(genesis.content::json #> '{recipients,groups}') as addressed (id)
    where genesis.space_id = ${space} and genesis.begins
  `
}

/** True while a company holds the space up. */
export function isHeld(space: SpaceId | RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select 1 from hold where decided_at is null and (space_id = ${space} or space_id in (${addressedBy(space)}))
  )`
}

/** The companies that hold up a space, by its own log or that of a group that it addresses. */
export async function listHolding(db: Db, space: SpaceId): Promise<NodeId[]> {
  const { rows } = await sql<{ node: NodeId }>`
    select distinct node from hold
    where decided_at is null and (space_id = ${space} or space_id in (${addressedBy(space)})) order by node
  `.execute(db)
  return rows.map((row) => row.node)
}

export type OpenHold = HoldRow & {
  readonly kind: SpaceKind
  readonly title: string | null
  readonly host: NodeId
}

/** What waits for a decision, oldest first. */
export async function listOpenHolds(db: Db, limit: number): Promise<OpenHold[]> {
  return await db
    .selectFrom('hold')
    .innerJoin('space', 'space.id', 'hold.spaceId')
    .selectAll('hold')
    .select(['space.kind', 'space.title', 'space.host'])
    .where('decidedAt', 'is', null)
    .orderBy('since')
    .orderBy('hold.node')
    .limit(limit)
    .execute()
}

export async function closeHolds(
  tx: Tx,
  space: SpaceId,
  decided: { by: UserId | null; at: number },
): Promise<void> {
  await tx
    .updateTable('hold')
    .set({ decidedBy: decided.by, decidedAt: decided.at })
    .where('spaceId', '=', space)
    .where('decidedAt', 'is', null)
    .execute()
}

/** A company that has gone again holds nothing up. */
export async function closeHoldsOf(tx: Tx, space: SpaceId, node: NodeId, at: number): Promise<void> {
  await tx
    .updateTable('hold')
    .set({ decidedAt: at })
    .where('spaceId', '=', space)
    .where('node', '=', node)
    .where('decidedAt', 'is', null)
    .execute()
}
