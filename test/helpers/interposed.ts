import type pg from 'pg'
import { clientWith } from './client.ts'

/** A database in which something happens between one answer and whatever is asked next because of it. */
export type Interposed = {
  readonly client: typeof pg.Client
  /** Once: when a statement like this has been answered, and before whoever asked hears of it. */
  after(what: RegExp, act: () => Promise<unknown>): void
}

export function interposed(): Interposed {
  let next: { readonly what: RegExp; readonly act: () => Promise<unknown> } | undefined
  const client = clientWith(() => async (text, ask) => {
    const answer = await ask()
    const now = next
    if (!now?.what.test(text)) return answer
    next = undefined
    await now.act()
    return answer
  })
  return { client, after: (what, act) => (next = { what, act }) }
}
