import pg from 'pg'

/** What stands before the statements of one connection: it is given the text, and what asks the database. */
export type Before = (text: string, ask: () => unknown) => unknown

/** Connections with something before their statements; `open` is called for each of them. */
export function clientWith(open: () => Before, Client: typeof pg.Client = pg.Client): typeof pg.Client {
  return class extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const query = this.query.bind(this) as (...args: unknown[]) => unknown
      const before = open()
      this.query = ((...args: unknown[]) => {
        const [first] = args
        const text = typeof first === 'string' ? first : (first as { text: string }).text
        return before(text, () => query(...args))
      }) as typeof this.query
    }
  }
}
