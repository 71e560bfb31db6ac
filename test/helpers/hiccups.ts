import type pg from 'pg'
import { clientWith } from './client.ts'

/** A database that answers one kind of statement with an error: some of them, after a few that it takes. */
export type Hiccups = {
  readonly client: typeof pg.Client
  fail(what: RegExp, which: { readonly after: number; readonly times: number }): void
}

export function hiccups(): Hiccups {
  let what = /^$/
  let [after, times] = [0, 0]
  const client = clientWith(() => (text, ask) => {
    if (times === 0 || !what.test(text) || after-- > 0) return ask()
    times--
    return Promise.reject(Object.assign(new Error('The test answers 57P01.'), { code: '57P01' }))
  })
  return {
    client,
    fail(pattern, which) {
      what = pattern
      after = which.after
      times = which.times
    },
  }
}
