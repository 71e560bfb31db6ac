import { type Selectable, sql } from 'kysely'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// Entries of threads that were applied on the host's word, because they lean on a group of which our copy had not come
// so far (A20). They are looked at again when it has.

export type AttestedRow = Selectable<Tables['attested']>

export async function insertAttested(tx: Tx, rows: readonly AttestedRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx
    .insertInto('attested')
    .values([...rows])
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** An entry whose groups have all come far enough; `host` is that of the thread and of its groups. */
export type Recheckable = {
  readonly spaceId: SpaceId
  readonly seq: number
  readonly host: NodeId
  readonly sender: UserId
  readonly text: string
  readonly isState: boolean
}

export async function listRecheckable(db: Db, limit: number): Promise<Recheckable[]> {
  const { rows } = await sql<Recheckable>`
    select e.space_id, e.seq, s.host, e.sender, e.text, e.state_digest is not null as is_state
    from (
      select a.space_id, a.seq from attested a join space g on g.id = a.group_id
      group by a.space_id, a.seq having bool_and(g.head_seq >= a.group_seq)
    ) due
    join entry e on e.space_id = due.space_id and e.seq = due.seq
    join space s on s.id = e.space_id
    where s.frozen is null
    order by e.space_id, e.seq limit ${limit}
  `.execute(db)
  return rows
}

/** It was looked at again. What is not its sender's after all is not shown as theirs any more (R8). */
export async function settleAttested(
  tx: Tx,
  { spaceId, seq, isState }: Recheckable,
  isSound: boolean,
): Promise<void> {
  await tx.deleteFrom('attested').where('spaceId', '=', spaceId).where('seq', '=', seq).execute()
  if (isSound || isState) return
  await tx
    .updateTable('entry')
    .set({ standing: 'unverified' })
    .where('spaceId', '=', spaceId)
    .where('seq', '=', seq)
    .execute()
}

/** Since when a thread addresses a group, as its windows see it, at a seq of the thread. */
export async function findAnchor(db: Db, thread: SpaceId, group: SpaceId, seq: number): Promise<number> {
  const row = await db
    .selectFrom('recipient')
    .select('anchorSeq')
    .where('spaceId', '=', thread)
    .where('groupId', '=', group)
    .where('addSeq', '<=', seq)
    .orderBy('addSeq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.anchorSeq ?? 0
}
