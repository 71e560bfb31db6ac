// How times are written.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const longDay = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})

export function clockTime(at: number): string {
  return clock.format(at)
}

/** For a list: the hour today, the day before that. */
export function shortTime(at: number, now: number): string {
  return dayOf(at) === dayOf(now) ? clock.format(at) : shortDay.format(at)
}

export function dayOf(at: number): string {
  return longDay.format(at)
}

const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export function dateTime(at: number): string {
  return whole.format(at)
}

export function dateOf(at: number): string {
  return shortDay.format(at)
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const steps: readonly [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** "in 3 days", "5 minutes ago", "just now" */
export function fromNow(at: number): string {
  const differenceMs = at - Date.now()
  for (const [unit, ms] of steps) {
    if (Math.abs(differenceMs) >= ms) return relative.format(Math.trunc(differenceMs / ms), unit)
  }
  return differenceMs > 0 ? 'in a moment' : 'just now'
}
