import { type RawBuilder, sql } from 'kysely'
import type { EventId, Hash, NodeId, NodeSender, SpaceId, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { TimePosition } from './time-pages.ts'

// Entries that somebody else may have written, who had the key of their author's company.

/** What a key history says of its keys, in milliseconds (K18, K19). */
export type Doubts = {
  /** When the node's own word as a host was in doubt. */
  readonly spans: readonly { readonly since: number; readonly until: number }[]
  readonly keys: readonly { readonly kid: Hash; readonly since: number | null }[]
}

/** Marks what is here of a node already. How many it were. */
export async function markDisputed(tx: Tx, origin: NodeId, { spans, keys }: Doubts): Promise<number> {
  const since = Math.min(...spans.map((span) => span.since))
  const { numAffectedRows } = await sql`
    update entry set disputed = true
    where origin = ${origin} and at >= ${since} and not disputed and ${inDoubt(spans, keys)}
  `.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

// The same as `federation/dispute.ts`, over rows.
function inDoubt(spans: Doubts['spans'], keys: Doubts['keys']): RawBuilder<boolean> {
  const kid = sql`(text::jsonb ->> 'kid')`
  const doubted = keys.filter((key) => key.since !== null)
  return sql<boolean>`case
    when ${kid} is null then exists (
      select 1 from unnest(${spans.map((span) => span.since)}::bigint[],
        ${spans.map((span) => span.until)}::bigint[]) span (since, until)
      where at >= span.since and at < span.until
    )
    when ${kid} = any(${keys.map((key) => key.kid)}::text[]) then exists (
      select 1 from unnest(${doubted.map((key) => key.kid)}::text[],
        ${doubted.map((key) => key.since)}::bigint[]) key (kid, since)
      where key.kid = ${kid} and at >= key.since
    )
    else true
  end`
}

/** What administrators are shown of one: never what it says. */
export type DisputedRow = {
  readonly spaceId: SpaceId
  readonly seq: number
  readonly id: EventId
  readonly at: number
  readonly type: string
  readonly origin: NodeId
  readonly sender: UserId | NodeSender
}

type Page = { readonly before: TimePosition | undefined; readonly limit: number }

/** Of all nodes, or of one; newest first. `before` is the last row of the page before. */
export async function listDisputed(
  db: Db,
  origin: NodeId | undefined,
  { before, limit }: Page,
): Promise<DisputedRow[]> {
  return await db
    .selectFrom('entry')
    .select(['spaceId', 'seq', 'eventId as id', 'at', 'type', 'origin', 'sender'])
    .where('disputed', '=', true)
    .$if(origin !== undefined, (query) => query.where('origin', '=', origin!))
    .$if(before !== undefined, (query) =>
      query.where(sql<boolean>`(at, event_id) < (${before!.at}, ${before!.id}::uuid)`),
    )
    .orderBy('at', 'desc')
    .orderBy('eventId', 'desc')
    .limit(limit)
    .execute()
}
