import pg from 'pg'

/** A database that answers one kind of statement with an error: some of them, after a few that it takes. */
export type Hiccups = {
  readonly client: typeof pg.Client
  fail(what: RegExp, which: { readonly after: number; readonly times: number }): void
}

export function hiccups(): Hiccups {
  let what = /^$/
  let [after, times] = [0, 0]
  class Client extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const query = super.query.bind(this) as (...args: unknown[]) => unknown
      this.query = ((...args: unknown[]) => {
        const [first] = args
        const text = typeof first === 'string' ? first : (first as { text: string }).text
        if (times === 0 || !what.test(text) || after-- > 0) return query(...args)
        times--
        return Promise.reject(Object.assign(new Error('The test answers 57P01.'), { code: '57P01' }))
      }) as typeof this.query
    }
  }
  return {
    client: Client,
    fail(pattern, which) {
      what = pattern
      after = which.after
      times = which.times
    },
  }
}
