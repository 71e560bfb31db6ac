import t from 'tap'
import { openLogger } from '#server/ports/logger.ts'

const marker = 'MARKER-that-nobody-may-read'
const secret = [
  'text',
  'content',
  'salt',
  'body',
  'password',
  'token',
  'authorization',
  'cookie',
  'set-cookie',
]
const more = ['secret', 'privateKey', 'jws', 'header', 'email', 'databaseUrl']

function logged(object: object): string {
  let line = ''
  openLogger('info', { write: (text) => void (line += text) }).info(object, 'Something happened.')
  return line
}

t.test('contents, secrets and addresses of people do not reach a log, to a depth of three', async (t) => {
  for (const name of [...secret, ...more]) {
    for (const object of [{ [name]: marker }, { a: { [name]: marker } }, { a: { b: { [name]: marker } } }]) {
      const line = logged({ ...object, space: 's_1' })
      t.notMatch(line, marker, JSON.stringify(object))
      t.match(line, 's_1')
    }
  }
})

t.test('of an error a log has what happened and why, and nothing of what it carries along', async (t) => {
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: marker,
    client: { marker },
  })
  const line = logged({ err: new Error('The batch failed.', { cause }) })
  t.notMatch(line, marker)
  t.match(JSON.parse(line), {
    err: { message: 'The batch failed.', cause: { message: 'duplicate key', code: '23505' } },
  })
})
