import { limits } from '#schema/limits.ts'

const seconds = /^[0-9]{1,10}$/
// The one form that RFC 9110 lets senders use; the two obsolete ones name no time zone or no century.
const date =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/

/**
 * How long somebody asks to be left alone, in milliseconds (G6): a `Retry-After` of RFC 9110, seconds or a date, brought
 * into [1 s, 1 h]. Undefined when there is none that can be read; then the pause of the sender's own choice holds.
 */
export function readRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  if (seconds.test(text)) return pauseOf(Number(text))
  const at = date.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : pauseOf((at - now) / 1000)
}

/** The same for seconds that stand in a problem document. */
export function pauseOf(retryAfterSeconds: number): number {
  return Math.min(limits.retryDelayMaxMs, Math.max(limits.retryDelayMinMs, retryAfterSeconds * 1000))
}
