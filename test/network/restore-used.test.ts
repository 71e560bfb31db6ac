import t from 'tap'
import { readDocument } from '#federation/document.ts'
import { inviteResponseKind, signInviteResponse } from '#federation/invite.ts'
import type { NodeId } from '#schema/ids.ts'
import { respondToInvite } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { idOf } from '../helpers/network.ts'
import { eventuallyRecovers } from '../helpers/recovering.ts'
import { sharedWithTwo } from '../helpers/removals.ts'
import { entriesOf, eventuallySees, inviteTo, post, startThread, textsOf } from '../helpers/spaces.ts'

t.test('RST-09: a copy of a node that is started somewhere else neither signs nor sends', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bob, thread } = world
  await using copy = await net.clone('acme')
  await post(alice, thread, 'From the real one.')
  await eventuallySees(net, bob, thread, 'From the real one.')
  await net.clock.leap(60_000)
  t.equal(copy.context.mode.recovering?.reason, 'copy')
  const read = await copy.app.inject({ url: '/readyz' })
  t.same(read.json(), { status: 'recovery' })
  const sent = copy.sent()
  t.strictSame(
    sent.filter(({ to, target }) => to !== idOf('acme') || !target.includes('/v1/node/probe')),
    [],
    'it asks at its own address who is there, and nobody else anything',
  )
})

t.test('RST-05: an invitation that was used after the backup is used', async (t) => {
  await using world = await sharedWithTwo()
  const { net, alice, bea } = world
  const thread = await startThread(alice, { title: 'Another' })
  const jti = await inviteTo(net, alice, thread, bea)
  await using backup = await net.backup('acme')
  await bea.ok('POST', `/api/invitations/${jti}/accept`)
  await net.eventually('bea is in', async () => (await textsOf(bea, thread)) !== undefined)
  const { db } = net.node('globex').context
  const sent = await db
    .selectFrom('controlMessage')
    .select('body')
    .where('kind', '=', 'invite-response')
    .where('subject', '=', jti)
    .executeTakeFirstOrThrow()
  await net.restore('acme', backup)
  await eventuallyRecovers(net, 'acme')

  const globex = net.node('globex').context
  const { response } = JSON.parse(sent.body) as { response: string }
  const read = readDocument(response, inviteResponseKind)
  if (!read.ok) throw new Error('The answer cannot be read.')
  const answerAgain = async (changes: object) => {
    const again = signInviteResponse({ ...read.value.payload, ...changes }, globex.keys.signer)
    const body = { ...(JSON.parse(sent.body) as object), response: again }
    return await callPeer(globex, 'acme.test' as NodeId, { contract: respondToInvite, params: { jti }, body })
  }
  t.match(await answerAgain({ answer: 'decline' }), { refused: { code: 'invite-used' } })
  const { members } = await alice.get<{ members: { person: { id: string } }[] }>(`/api/spaces/${thread}`)
  t.equal(members.filter(({ person }) => person.id === bea.id).length, 1)
  const joins = (await entriesOf(alice, thread)).filter(({ type }) => type === 'member.join')
  t.equal(joins.length, 1)
})
