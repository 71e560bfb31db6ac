import type pg from 'pg'
import { clientWith } from './client.ts'

/** Connections that tell of what they change: of each statement that does, and of the COMMIT after it. */
export function noting(note: () => void, client?: typeof pg.Client): typeof pg.Client {
  return clientWith(() => {
    let isChanged = false
    const look = (text: string, { rowCount }: pg.QueryResult): void => {
      // What wrote nothing says 0; what writes on its way to something else begins with that.
      const isChange = changing.test(text) && (rowCount !== 0 || text.trimStart().startsWith('with'))
      if (isChange) isChanged = true
      if (isChange || (isChanged && text === 'commit')) note()
      if (text === 'commit' || text === 'rollback') isChanged = false
    }
    return (text, ask) => {
      const answer = ask()
      if (!(answer instanceof Promise)) return answer
      return answer.then((result: pg.QueryResult) => {
        look(text, result)
        return result
      })
    }
  }, client)
}

const changing = /(?<!for |for no key )\b(insert|update|delete|truncate)\b/i
