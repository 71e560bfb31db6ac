import type { RefusalCode } from '#schema/refusal.ts'

// In federation/ nothing expected is thrown: what may be said no to returns an Outcome, and the caller
// decides what to do with the no. A fault (a broken invariant of our own) is still thrown.

/** An expected no. `detail` is a short kebab-case word for operators and tests, never a copy of the input. */
export type Refused = { readonly ok: false; readonly code: RefusalCode; readonly detail?: string }

export type Accepted<T> = { readonly ok: true; readonly value: T }

export type Outcome<T> = Accepted<T> | Refused

export function accept<T>(value: T): Accepted<T> {
  return { ok: true, value }
}

export function refuse(code: RefusalCode, detail?: string): Refused {
  return detail === undefined ? { ok: false, code } : { ok: false, code, detail }
}
