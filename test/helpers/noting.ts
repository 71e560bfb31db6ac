import pg from 'pg'

/** Connections that tell of what they change, as each statement and each COMMIT of one takes effect. */
export function noting(note: () => void, Client: typeof pg.Client = pg.Client): typeof pg.Client {
  return class extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const query = this.query.bind(this) as (...args: unknown[]) => unknown
      let isChanged = false
      const look = (text: string, { rowCount }: pg.QueryResult): void => {
        // What wrote nothing says 0; what writes beside its own rows begins with them.
        const isChange = changing.test(text) && (rowCount !== 0 || text.trimStart().startsWith('with'))
        if (isChange) isChanged = true
        if (isChange || (isChanged && text === 'commit')) note()
        if (text === 'commit' || text === 'rollback') isChanged = false
      }
      this.query = ((...args: unknown[]) => {
        const answer = query(...args)
        if (!(answer instanceof Promise)) return answer
        const [first] = args
        const text = typeof first === 'string' ? first : (first as { text: string }).text
        return answer.then((result: pg.QueryResult) => {
          look(text, result)
          return result
        })
      }) as typeof this.query
    }
  }
}

const changing = /(?<!for |for no key )\b(insert|update|delete|truncate)\b/i
