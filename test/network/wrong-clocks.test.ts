import t from 'tap'
import { readDocument } from '#federation/document.ts'
import { statementKind } from '#federation/statement.ts'
import { network } from '../helpers/network.ts'

// What a node has signed while its clock was wrong, and how others take it when it is right again.

const day = 24 * 60 * 60_000

t.test('CLK-03: what was published with a clock that was ahead is published anew', async (t) => {
  const net = await network(['acme', 'globex'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { app } = net.node('acme')
  const published = async (): Promise<{ ver: number; iat: number }> => {
    const { statement } = (await app.inject('/.well-known/parley')).json<{ statement: string }>()
    const read = readDocument(statement, statementKind)
    if (!read.ok) throw new Error(read.code)
    return read.value.payload
  }
  const first = await published()
  net.skew('acme', 300 * day)
  await net.eventually(
    'acme believes that it is another year',
    async () => (await published()).ver > first.ver,
  )
  const { ver } = await published()
  net.skew('acme', 0)
  await net.clock.advance(2 * 60_000)
  const now = await published()
  t.ok(now.ver > ver && now.iat * 1000 <= net.clock.now, 'it is of now, and newer than what was of then')
  // Whoever sees it for the first time takes it.
  await net.person('alice', 'acme')
  await net.person('bob', 'globex')
  await net.befriend('globex', 'acme')
})
