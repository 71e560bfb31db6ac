import { type RawBuilder, sql } from 'kysely'

// Pages of what is kept by time, newest first: a position is the last row of the page before, so that what is written
// meanwhile moves nothing.

export type TimePosition = { readonly at: number; readonly id: string }

const form = /^(\d{1,15})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** Undefined when it is not one that we gave out. */
export function readTimePosition(text: string): TimePosition | undefined {
  const parts = form.exec(text)
  return parts ? { at: Number(parts[1]), id: parts[2]! } : undefined
}

/** The page, of rows that were asked for with one more than its limit, and where the next one begins. */
export function cutTimePage<T extends TimePosition>(
  rows: readonly T[],
  limit: number,
): { rows: T[]; next: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, next: last && rows.length > limit ? `${last.at}_${last.id}` : null }
}

export function isBefore({ at, id }: TimePosition): RawBuilder<boolean> {
  return sql<boolean>`(at, id) < (${at}, ${id}::uuid)`
}
