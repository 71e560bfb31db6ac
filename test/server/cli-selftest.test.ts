import t from 'tap'
import type { Check } from '#server/peers/selftest/check.ts'
import { parley } from '../helpers/command.ts'
import { createTestDatabase } from '../helpers/database.ts'

t.test('parley selftest federation says what is wrong with the way to a node, and ends with 1', async (t) => {
  await using database = await createTestDatabase()
  const env = {
    DATABASE_URL: database.url,
    PARLEY_DATA: t.testdir({}),
    PARLEY_NODE_ID: 'acme.localhost',
    PARLEY_DEVELOPMENT_PEERS: 'globex.localhost=http://127.0.0.1:1',
  }
  const told = await parley(['selftest', 'federation', 'globex.localhost'], env)
  t.equal(told.code, 1)
  t.match(
    told.out,
    /^WRONG +documents +globex\.localhost refuses the connection.* \(connect: econnrefused\)\.\n/,
  )
  t.match(told.out, /\n +What would help: Is its server up\?/)
  t.match(told.out, /\nnot +way back +No request of it has been accepted here/)
  t.equal(told.complaint, 'error: documents: not as it has to be.\n')

  const data = await parley(['selftest', 'federation', 'globex.localhost', '--json'], env)
  const { node, checks } = JSON.parse(data.out) as { node: string; checks: Check[] }
  t.equal(node, 'globex.localhost')
  t.match(checks, [
    { name: 'documents', isWell: false, reason: 'connect', detail: 'econnrefused' },
    { name: 'way back', isWell: null, reason: null },
  ])

  const itself = await parley(['selftest', 'federation', 'acme.localhost'], env)
  t.match(itself, { code: 1, out: /\(policy-hold: own-node\)/ })
  const wrong = await parley(['selftest', 'federation', 'not a domain'], env)
  t.match(wrong, { code: 2, complaint: /"not a domain" is not the domain of a node/ })
})
