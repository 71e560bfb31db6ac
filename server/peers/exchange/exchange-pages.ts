import type { Exchange } from '#schema/api/exchanges.ts'
import type { Context } from '#server/context.ts'
import { type ExchangeFilter, listExchanges } from '#server/db/exchanges.ts'
import { cutTimePage, readTimePosition } from '#server/db/time-pages.ts'
import { Refusal } from '#server/refusal.ts'

type Asked = ExchangeFilter & { readonly before?: string | undefined; readonly limit: number }

/** A page of the federation log, newest first. `next` is the `before` of the page after it. */
export async function pageOfExchanges(
  context: Pick<Context, 'db'>,
  { before: text, limit, ...filter }: Asked,
): Promise<{ exchanges: Exchange[]; next: string | null }> {
  const before = text === undefined ? undefined : readTimePosition(text)
  if (text !== undefined && !before) throw new Refusal('bad-cursor')
  const { rows, next } = cutTimePage(
    await listExchanges(context.db, filter, { before, limit: limit + 1 }),
    limit,
  )
  return { exchanges: rows, next }
}
