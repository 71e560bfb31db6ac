import type { Selectable } from 'kysely'
import type { NodeId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { ControlKind, Tables } from './tables.ts'

// The durable outbox of the control lane. Fences are not in it: their own table is their outbox.

export type ControlMessage = Selectable<Tables['controlMessage']>

export type NewControlMessage = {
  readonly id: string
  readonly node: NodeId
  readonly kind: ControlKind
  /** What it is about, by id: an invite, a user, a node. */
  readonly subject: string
  /** What `kind` needs to send it, as JSON; empty when the subject says it all. */
  readonly body: string
  readonly createdAt: number
}

export async function insertControlMessage(tx: Tx, message: NewControlMessage): Promise<void> {
  await tx
    .insertInto('controlMessage')
    .values({ ...message, doneAt: null, outcome: null })
    .execute()
}

/** What waits for a node, in order. */
export async function listControlMessages(db: Db, node: NodeId, limit: number): Promise<ControlMessage[]> {
  return await db
    .selectFrom('controlMessage')
    .selectAll()
    .where('node', '=', node)
    .where('doneAt', 'is', null)
    .orderBy('createdAt')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** The nodes for which a control message is due. */
export async function listControlNodes(db: Db, now: number): Promise<NodeId[]> {
  const rows = await db
    .selectFrom('controlMessage')
    .select('node')
    .distinct()
    .where('doneAt', 'is', null)
    .where('nextAttemptAt', '<=', now)
    .execute()
  return rows.map(({ node }) => node)
}

/** Nobody is there any more to whom it could be said. */
export async function finishControlMessagesTo(
  tx: Tx,
  node: NodeId,
  at: number,
  outcome: string,
): Promise<void> {
  await tx
    .updateTable('controlMessage')
    .set({ doneAt: at, outcome })
    .where('node', '=', node)
    .where('doneAt', 'is', null)
    .execute()
}

export async function finishControlMessage(tx: Tx, id: string, at: number, outcome: string): Promise<void> {
  await tx.updateTable('controlMessage').set({ doneAt: at, outcome }).where('id', '=', id).execute()
}

/** What was answered is to be said once more. */
export async function reopenControlMessage(tx: Tx, kind: ControlKind, subject: string): Promise<void> {
  await tx
    .updateTable('controlMessage')
    .set({ doneAt: null, failures: 0, nextAttemptAt: 0 })
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .execute()
}

/** A node answers again: what was put off is due. */
export async function hastenControlMessages(tx: Tx, node: NodeId): Promise<void> {
  await tx
    .updateTable('controlMessage')
    .set({ nextAttemptAt: 0 })
    .where('node', '=', node)
    .where('doneAt', 'is', null)
    .execute()
}

export async function postponeControlMessage(tx: Tx, id: string, until: number, why: string): Promise<void> {
  await tx
    .updateTable('controlMessage')
    .set((eb) => ({ failures: eb('failures', '+', 1), nextAttemptAt: until, outcome: why }))
    .where('id', '=', id)
    .execute()
}
