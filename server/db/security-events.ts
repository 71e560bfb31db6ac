import { type Selectable, sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'
import { isBefore, type TimePosition } from './time-pages.ts'

export type SecurityEventRow = Selectable<Tables['securityEvent']>

/** What an operator must look at: forks, frozen spaces, forged events, fences that contradict each other. */
export async function insertSecurityEvent(tx: Tx, event: SecurityEventRow): Promise<void> {
  await tx
    .insertInto('securityEvent')
    .values(event)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

type Repeated = {
  readonly kind: string
  readonly peer: NodeId
  readonly spaceId: SpaceId
  readonly since: number
}

/** Has this been told since? Two who ask at once wait for each other, so that it is told once. */
export async function hasSecurityEventSince(
  tx: Tx,
  { kind, peer, spaceId, since }: Repeated,
): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`security ${spaceId}`}, 0))`.execute(tx)
  const row = await tx
    .selectFrom('securityEvent')
    .select('id')
    .where('spaceId', '=', spaceId)
    .where('kind', '=', kind)
    .where('peer', '=', peer)
    .where('at', '>', since)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export type SecurityEventFilter = {
  readonly kind?: string | undefined
  readonly peer?: NodeId | undefined
}

/** An event with the evidence that it tells of; `a` and `b` are null where there is none. */
export type ToldEvent = SecurityEventRow & {
  readonly a: string | null
  readonly b: string | null
  readonly entries: string | null
}

/** Newest first; `before` is the last row of the page before. */
export async function listSecurityEvents(
  db: Db,
  { kind, peer }: SecurityEventFilter,
  { before, limit }: { readonly before?: TimePosition | undefined; readonly limit: number },
): Promise<ToldEvent[]> {
  return await db
    .selectFrom((eb) =>
      eb
        .selectFrom('securityEvent')
        .selectAll()
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
        .$if(peer !== undefined, (query) => query.where('peer', '=', peer!))
        .$if(before !== undefined, (query) => query.where(isBefore(before!)))
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .as('event'),
    )
    .leftJoin('evidence', 'evidence.eventId', 'event.id')
    .selectAll('event')
    .select(['evidence.a', 'evidence.b', 'evidence.entries'])
    .orderBy('event.at', 'desc')
    .orderBy('event.id', 'desc')
    .execute()
}
