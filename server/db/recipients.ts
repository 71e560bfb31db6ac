import { type Selectable, sql } from 'kysely'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'
import type { Tables } from './tables.ts'

export type RecipientRow = Selectable<Tables['recipient']>

export async function openRecipient(tx: Tx, row: Omit<RecipientRow, 'removeSeq'>): Promise<void> {
  await tx
    .insertInto('recipient')
    .values({ ...row, removeSeq: null })
    .execute()
}

export async function closeRecipient(tx: Tx, space: SpaceId, group: SpaceId, seq: number): Promise<void> {
  await tx
    .updateTable('recipient')
    .set({ removeSeq: seq })
    .where('spaceId', '=', space)
    .where('groupId', '=', group)
    .where('removeSeq', 'is', null)
    .execute()
}

/** The groups that a thread addresses today, with their titles as far as we hold them. */
export async function listRecipients(
  db: Db,
  space: SpaceId,
): Promise<{ groupId: SpaceId; title: string | null }[]> {
  return await db
    .selectFrom('recipient')
    .leftJoin('space', 'space.id', 'recipient.groupId')
    .select(['recipient.groupId', 'space.title'])
    .where('recipient.spaceId', '=', space)
    .where('recipient.removeSeq', 'is', null)
    .orderBy('recipient.addSeq')
    .execute()
}

/**
 * The users of other nodes who reach a thread through a group and by no other route, node by node: whom the
 * withdrawal of that group ends.
 */
export async function listOnlyThrough(
  db: Db,
  thread: SpaceId,
  group: SpaceId,
  ours: NodeId,
): Promise<{ userId: UserId; node: NodeId }[]> {
  const { rows } = await sql<{ userId: UserId; node: NodeId }>`
    select route.user_id, route.node from (${routes}) route
    where route.space_id = ${thread} and route.group_id = ${group} and route.node <> ${ours} and not exists (
      select 1 from (${routes}) other
      where other.space_id = ${thread} and other.user_id = route.user_id
        and other.group_id is distinct from ${group}
    )
    order by route.node, route.user_id
  `.execute(db)
  return rows
}
