import t from 'tap'
import { type Accepts, acceptsHere, faultOfEngine } from '#federation/engine.ts'
import type { NodeId } from '#schema/ids.ts'
import { openNode } from '#server/node.ts'
import { readVectors } from '../federation/fixtures.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { testConfig } from '../helpers/node.ts'

type SpecCase = { message: string; pub_key: string; signature: string }
const spec = readVectors('speccheck/cases.json') as SpecCase[]

/** An engine like ours that judges some of the official cases otherwise. */
function engine(wrong: readonly number[]): Accepts {
  const odd = new Set(wrong.map((at) => spec[at]!.signature))
  return (key, message, signature) =>
    acceptsHere(key, message, signature) !== odd.has(Buffer.from(signature).toString('hex'))
}

t.test('KEY-12: boot refuses an engine that judges signatures otherwise, and says what to do', async (t) => {
  t.equal(faultOfEngine(acceptsHere), undefined)
  t.equal(faultOfEngine(engine([3])), 'parts of low order that cancel does not count')
  t.equal(faultOfEngine(engine([4])), 'parts of low order that cancel with the cofactor only counts')
  t.equal(faultOfEngine(engine([6])), 'an S that is not reduced counts')
  t.equal(faultOfEngine(engine([0])), 'a key of low order counts')
  t.equal(faultOfEngine(engine([2])), 'an R of low order counts')
  t.match(
    faultOfEngine(() => true),
    /over another message counts/,
  )
  t.match(
    faultOfEngine(() => false),
    /an ordinary signature does not count/,
  )
  await using database = await createTestDatabase()
  const config = { ...testConfig('acme.localhost' as NodeId), databaseUrl: database.url }
  const opened = async (): Promise<string> => {
    const node = await openNode(config, { accepts: engine([4]) })
    await node.stop()
    return 'It opened.'
  }
  t.match(
    await opened().catch((error: Error) => error.message),
    /judges signatures otherwise than every other node: .* Run it with Node \d+/,
  )
})
