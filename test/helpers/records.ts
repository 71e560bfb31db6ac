import { type Selectable, sql } from 'kysely'
import type { Context } from '#server/context.ts'
import type { ExchangeRow } from '#server/db/exchanges.ts'
import type { Tables } from '#server/db/tables.ts'
import { flushExchanges } from '#server/peers/exchange/exchanges.ts'

// What a node has on record. Virtual time stands still while nodes talk, so many rows are of one moment, and within it
// their ids are random. Rows are only ever added here: their place in the table tells which was written first.

const place = sql`ctid`

/** The federation log, oldest first, with what was still to be written: requests do not wait for their rows. */
export async function exchangesOf(context: Context): Promise<ExchangeRow[]> {
  await flushExchanges(context)
  return await context.db.selectFrom('exchange').selectAll().orderBy('at').orderBy(place).execute()
}

/** What was done in the name of whom, oldest first. */
export async function auditOf({ db }: Context): Promise<Selectable<Tables['audit']>[]> {
  return await db.selectFrom('audit').selectAll().orderBy('at').orderBy(place).execute()
}
