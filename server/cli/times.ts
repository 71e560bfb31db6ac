import { Failure } from './failure.ts'

/** To the minute. */
export function timeOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().replace('T', ' ').slice(0, 16)} UTC`
}

/** A moment that an operator gives, in seconds: a day, or a time with the zone that it is meant in. */
export function readMoment(text: string): number {
  const form = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z| UTC|[+-]\d\d:\d\d))?$/
  const ms = form.test(text) ? Date.parse(text.replace(' UTC', 'Z').replace(' ', 'T')) : Number.NaN
  if (!Number.isNaN(ms)) return Math.floor(ms / 1000)
  throw new Failure(
    2,
    `"${text}" is not a time.\nGive a day as 2026-11-20, or a time with its zone as 2026-11-20T14:30Z or 2026-11-20T15:30+01:00.`,
  )
}
