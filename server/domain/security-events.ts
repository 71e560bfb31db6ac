import type { SecurityEvent } from '#schema/api/security-events.ts'
import type { Context } from '#server/context.ts'
import { listSecurityEvents, type SecurityEventFilter, type ToldEvent } from '#server/db/security-events.ts'
import { cutTimePage, readTimePosition } from '#server/db/time-pages.ts'
import { Refusal } from '#server/refusal.ts'

type Asked = SecurityEventFilter & { readonly before?: string | undefined; readonly limit: number }

/** A page of what operators have to look at, newest first. `next` is the `before` of the page after it. */
export async function pageOfSecurityEvents(
  { db }: Context,
  { before: text, limit, ...filter }: Asked,
): Promise<{ events: SecurityEvent[]; next: string | null }> {
  const before = text === undefined ? undefined : readTimePosition(text)
  if (text !== undefined && !before) throw new Refusal('bad-cursor')
  const page = await listSecurityEvents(db, filter, { before, limit: limit + 1 })
  const { rows, next } = cutTimePage(page, limit)
  return { events: rows.map(viewOf), next }
}

function viewOf({ id, at, kind, peer, spaceId, detail, a, b, entries }: ToldEvent): SecurityEvent {
  const evidence =
    a === null || b === null ? null : { a, b, entries: JSON.parse(entries ?? '[]') as string[] }
  return { id, at, kind, peer, spaceId, detail, evidence }
}
