import t from 'tap'
import type { Workspace } from '#schema/api/workspace.ts'
import { defaultPolicy } from '#schema/policy.ts'
import { putPolicy } from '#server/db/policies.ts'
import { codeOf, testNode } from '../helpers/node.ts'
import { makeGuest } from '../helpers/people.ts'

t.test('a page learns which policies it has to follow, a guest’s too', async (t) => {
  await using node = await testNode({ config: { organisation: 'Acme Works' } })
  const alice = await node.signUp('alice')
  const gina = await makeGuest(node, 'Gina')
  const asked = async () => (await gina.get('/api/workspace')).json<Workspace>()
  t.same(await asked(), {
    node: node.context.node,
    organisation: 'Acme Works',
    badgesEverywhere: false,
    recovering: false,
    guests: true,
  })

  const settings = { ...defaultPolicy, badgesEverywhere: true, guests: false }
  const set = { scope: 'workspace', settings, changedAt: 0, changedBy: alice.userId } as const
  await node.context.db.transaction().execute(async (tx) => await putPolicy(tx, set))
  t.match(await asked(), { badgesEverywhere: true, guests: false })
  t.equal(codeOf(await node.app.inject({ url: '/api/workspace' })), 'auth-required')
})
