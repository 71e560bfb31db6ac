import { type Selectable, sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// The federation log: one row for every request between nodes, ours and theirs. Never contents.

export type ExchangeRow = Selectable<Tables['exchange']>

export type ExchangeFilter = {
  readonly peer?: NodeId | undefined
  readonly direction?: 'in' | 'out' | undefined
  readonly verdict?: ExchangeRow['verdict'] | undefined
  readonly space?: SpaceId | undefined
  /** Milliseconds. */
  readonly since?: number | undefined
}

/** Newest first; `before` is the last row of the page before. */
export type ExchangePage = {
  readonly before?: { readonly at: number; readonly id: string } | undefined
  readonly limit: number
}

export async function listExchanges(
  db: Db,
  filter: ExchangeFilter,
  { before, limit }: ExchangePage,
): Promise<ExchangeRow[]> {
  const { peer, direction, verdict, space, since } = filter
  return await db
    .selectFrom('exchange')
    .selectAll()
    .$if(peer !== undefined, (query) => query.where('peer', '=', peer!))
    .$if(direction !== undefined, (query) => query.where('direction', '=', direction!))
    .$if(verdict !== undefined, (query) => query.where('verdict', '=', verdict!))
    .$if(space !== undefined, (query) => query.where('spaceId', '=', space!))
    .$if(since !== undefined, (query) => query.where('at', '>=', since!))
    .$if(before !== undefined, (query) =>
      query.where(sql<boolean>`(at, id) < (${before!.at}, ${before!.id}::uuid)`),
    )
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/**
 * Writes rows, and what they say about the peers: of those that we called how it went, of all whether they are there.
 * Somebody who says that our clock is wrong is there too. One parameter whatever their number, so that the
 * statement is planned once; peers are locked in order, since two processes may write about the same ones.
 */
export async function insertExchanges(tx: Tx, rows: readonly ExchangeRow[]): Promise<void> {
  const input = JSON.stringify(rows.map(snakeCase))
  await sql`
    with written as (
      insert into exchange select * from json_populate_recordset(null::exchange, ${input}::json)
      on conflict do nothing
    ), told as (
      select peer, max(at) filter (where direction = 'out' and verdict = 'accepted') as success,
        max(at) filter (where direction = 'out' and verdict <> 'accepted') as failure,
        (array_agg(coalesce(reason, code) order by at desc)
          filter (where direction = 'out' and verdict <> 'accepted'))[1] as why,
        max(at) filter (where direction = 'out' and verdict <> 'failed') as answer,
        min(at) filter (where direction = 'out' and verdict = 'failed') as first_silence,
        max(at) filter (where direction = 'out' and verdict = 'failed') as last_silence,
        max(at) filter (where verdict = 'accepted' or direction = 'out' and code = 'clock-skew') as heard
      from json_populate_recordset(null::exchange, ${input}::json)
      where peer is not null and (direction = 'out' or verdict = 'accepted') group by peer
    ), held as (
      select node from peer where node in (select peer from told) order by node for no key update
    )
    update peer set
      last_success_at = greatest(last_success_at, told.success),
      last_failure_at = greatest(last_failure_at, told.failure),
      last_failure = coalesce(told.why, last_failure),
      heard_at = greatest(heard_at, told.heard),
      -- Rows that are written together are moments apart: of those behind an answer the last is near enough.
      failing_since = case
        when told.answer is null then coalesce(failing_since, told.first_silence)
        when told.last_silence > told.answer then told.last_silence end
    from told join held on held.node = told.peer where peer.node = told.peer
  `.execute(tx)
}

export async function deleteExchanges(tx: Tx, before: number): Promise<void> {
  await tx.deleteFrom('exchange').where('at', '<', before).execute()
}

// The columns' own names: kysely's plugin does not look into JSON.
function snakeCase(row: ExchangeRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}
