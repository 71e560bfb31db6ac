import type { Exchange } from '#schema/api/exchanges.ts'
import type { Context } from '#server/context.ts'
import { type ExchangeFilter, type ExchangePage, listExchanges } from '#server/db/exchanges.ts'
import { Refusal } from '#server/refusal.ts'

type Asked = ExchangeFilter & { readonly before?: string | undefined; readonly limit: number }

/** A page of the federation log, newest first. `next` is the `before` of the page after it. */
export async function pageOfExchanges(
  context: Pick<Context, 'db'>,
  { before, limit, ...filter }: Asked,
): Promise<{ exchanges: Exchange[]; next: string | null }> {
  const rows = await listExchanges(context.db, filter, { before: readCursor(before), limit: limit + 1 })
  const exchanges = rows.slice(0, limit)
  const last = exchanges.at(-1)
  return { exchanges, next: last && rows.length > limit ? `${last.at}_${last.id}` : null }
}

const cursorForm = /^(\d{1,15})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

function readCursor(text: string | undefined): ExchangePage['before'] {
  if (text === undefined) return undefined
  const parts = cursorForm.exec(text)
  if (!parts) throw new Refusal('bad-cursor')
  return { at: Number(parts[1]), id: parts[2]! }
}
