import t from 'tap'
import type { Explanation } from '#schema/why.ts'
import { parley } from '../helpers/command.ts'
import { later } from '../helpers/failing.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { post } from '../helpers/spaces.ts'

t.test('parley why says in sentences what the API says, and the same as data', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const env = { DATABASE_URL: net.databaseOf('acme'), PARLEY_NODE_ID: 'acme.test' }
  net.cut('acme', 'globex')
  await later(net)
  const { id } = await post(alice, thread, 'Not for operators.')
  await net.clock.advance(100)

  const told = await parley(['why', id], env)
  t.match(told, { code: 0, complaint: '' })
  t.match(told.out, /globex\.test has not acknowledged it: it is 1 entry behind\.\n/)
  t.match(
    told.out,
    /\nglobex\.test refuses the connection.* \(connect: virtual-network\)\. Last seen 2027-01-15 08:00/,
  )
  t.match(told.out, /\nWhat would help: Is its server up\?/)
  t.match(
    told.out,
    /\nThe last exchanges, newest first:\nTIME \(UTC\) .*\n2027-01-15 08:00:00.* failed +connect /,
  )
  t.notMatch(told.out, 'Not for operators')

  for (const asked of [id, thread, 'globex.test', bob.id]) {
    const { out } = await parley(['why', asked, '--json'], env)
    const said = JSON.parse(out) as { explanations: Explanation[] }
    const served = await alice.get<{ explanations: Explanation[] }>(`/api/why/${encodeURIComponent(asked)}`)
    t.strictSame(
      said.explanations.map(({ why }) => why),
      served.explanations.map(({ why }) => why),
      `the same about ${asked}`,
    )
  }
})

t.test('parley why says what is not known, and ends with 1', async (t) => {
  const { net } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const env = { DATABASE_URL: net.databaseOf('acme'), PARLEY_NODE_ID: 'acme.test' }
  const unknown = await parley(['why', 'nobody.test'], env)
  t.match(unknown, { code: 1, out: '' })
  t.match(unknown.complaint, /^error: Nothing here has the id "nobody\.test"\.\nGive the id of a message, /)
  const itself = await parley(['why', 'acme.test'], env)
  t.match(itself, { code: 1, out: '', complaint: /acme\.test is this node itself/ })
  t.match(await parley(['why'], env), { code: 2, complaint: /missing required argument 'id'/ })
})
