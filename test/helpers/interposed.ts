import pg from 'pg'

/** A database in which something happens between one answer and whatever is asked next because of it. */
export type Interposed = {
  readonly client: typeof pg.Client
  /** Once: when a statement like this has been answered, and before whoever asked hears of it. */
  after(what: RegExp, act: () => Promise<unknown>): void
}

export function interposed(): Interposed {
  let next: { readonly what: RegExp; readonly act: () => Promise<unknown> } | undefined
  class Client extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const query = super.query.bind(this) as (...args: unknown[]) => unknown
      this.query = (async (...args: unknown[]) => {
        const answer = await query(...args)
        const [first] = args
        const text = typeof first === 'string' ? first : (first as { text: string }).text
        const now = next
        if (!now?.what.test(text)) return answer
        next = undefined
        await now.act()
        return answer
      }) as typeof this.query
    }
  }
  return { client: Client, after: (what, act) => (next = { what, act }) }
}
