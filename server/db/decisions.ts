import type { Insertable, Selectable } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'
import { isBefore, type TimePosition } from './time-pages.ts'

export type NewDecision = Insertable<Tables['decision']>
export type DecisionRow = Selectable<Tables['decision']>

/** Written in the transaction of what was decided, or alone when it was refused. */
export async function insertDecision(tx: Tx, decision: NewDecision): Promise<void> {
  await tx.insertInto('decision').values(decision).execute()
}

export type DecisionFilter = {
  readonly peer?: NodeId | undefined
  readonly kind?: string | undefined
  readonly verdict?: DecisionRow['verdict'] | undefined
  readonly spaceId?: SpaceId | undefined
  /** Milliseconds. */
  readonly since?: number | undefined
}

/** Newest first; `before` is the last row of the page before. */
export async function listDecisions(
  db: Db,
  filter: DecisionFilter,
  { before, limit }: { readonly before?: TimePosition | undefined; readonly limit: number },
): Promise<DecisionRow[]> {
  const { peer, kind, verdict, spaceId, since } = filter
  return await db
    .selectFrom('decision')
    .selectAll()
    .$if(peer !== undefined, (query) => query.where('peer', '=', peer!))
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
    .$if(verdict !== undefined, (query) => query.where('verdict', '=', verdict!))
    .$if(spaceId !== undefined, (query) => query.where('spaceId', '=', spaceId!))
    .$if(since !== undefined, (query) => query.where('at', '>=', since!))
    .$if(before !== undefined, (query) => query.where(isBefore(before!)))
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export async function deleteDecisions(tx: Tx, before: number): Promise<void> {
  await tx.deleteFrom('decision').where('at', '<', before).execute()
}
