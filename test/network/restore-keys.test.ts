import t from 'tap'
import type { NodeId } from '#schema/ids.ts'
import { keepRotating, prepareRotation } from '#server/peers/own-keys/rotate.ts'
import { eventuallyRecovers } from '../helpers/recovering.ts'
import { sharedWithTwo } from '../helpers/removals.ts'
import { eventuallySees, post } from '../helpers/spaces.ts'

const hour = 60 * 60_000

t.test('RST-06: a key history that was put back behind a rotation is taken from partners', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, thread } = world
  await using backup = await net.backup('acme')
  const { context } = net.node('acme')
  const rotation = (await prepareRotation(context))!
  const kid = context.keys.key.kid
  // A day until it is used, another until the old one is refused.
  for (let day = 0; day < 4; day++) {
    await net.clock.leap(20 * hour)
    net.hear('acme', 'globex')
    net.hear('globex', 'acme')
    await net.clock.advance(65_000)
    await keepRotating(context)
  }
  t.equal(context.keys.key.kid, rotation.to)
  t.notOk(
    context.keys.held.some((key) => key.kid === kid),
    'the old key is gone',
  )
  await post(alice, thread, 'By the new key.')
  await eventuallySees(net, bob, thread, 'By the new key.')
  const historyOf = async (name: string) => {
    const { db } = net.node(name).context
    return await db
      .selectFrom('nodeOp')
      .selectAll()
      .where('node', '=', 'acme.test' as NodeId)
      .orderBy('seq')
      .execute()
  }
  const before = await historyOf('acme')
  t.ok(before.length > 1)

  await net.restore('acme', backup)
  t.equal((await historyOf('acme')).length, 1)
  await t.rejects(prepareRotation(net.node('acme').context), { code: 'recovery-mode' })
  await eventuallyRecovers(net, 'acme')
  t.same(await historyOf('acme'), before)
  await post(alice, thread, 'And on.')
  await eventuallySees(net, bob, thread, 'And on.')
})
