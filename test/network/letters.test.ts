import t, { type Test } from 'tap'
import { signInviteResponse } from '#federation/invite.ts'
import type { Hash, InviteId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { respondToInvite } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { flushExchanges } from '#server/peers/exchange/exchanges.ts'
import { signedIdentity } from '#server/vouch.ts'
import { eventuallyInvited, invitationsOf, invite, sentInto } from '../helpers/invitations.ts'
import { codeOfAnswer, deliver, writeLetter } from '../helpers/letters.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { share, startThread, textsOf } from '../helpers/spaces.ts'

type World = { net: Network; alice: Person; bob: Person; thread: string }

async function world(t: Test, names: readonly string[] = ['acme', 'globex']): Promise<World> {
  const net = await network(names)
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  return { net, alice, bob, thread: await startThread(alice, { title: 'Launch' }) }
}

t.test('INV-04: a letter for nobody is answered like one for somebody, and takes as long', async (t) => {
  const { net, alice, thread } = await world(t)
  const { context } = net.node('acme')
  const told: Record<string, Set<string>> = { bob: new Set(), nobody: new Set() }
  const tookMs: Record<string, number[]> = { bob: [], nobody: [] }
  // Fewer than a peer may ask at once: time stands still meanwhile.
  for (let run = 0; run < 150; run++) {
    const to = run % 2 === 0 ? 'bob' : 'nobody'
    const letter = await writeLetter(context, { space: thread, inviter: alice.id, to })
    const from = performance.now()
    const answer = await deliver(context, letter)
    tookMs[to]!.push(performance.now() - from)
    told[to]!.add(JSON.stringify(answer))
  }
  t.strictSame([...told['bob']!], ['{"ok":true,"value":{"status":"received"}}'])
  t.strictSame(told['nobody'], told['bob'])
  const globex = net.node('globex').context
  await flushExchanges(globex)
  const rows = await globex.db
    .selectFrom('exchange')
    .select(['status', 'verdict', 'code', 'bytesOut'])
    .distinct()
    .where('route', '=', '/v1/invites')
    .execute()
  t.strictSame(rows, [{ status: 202, verdict: 'accepted', code: null, bytesOut: 21 }])
  const ratio = medianOf(tookMs['bob']!) / medianOf(tookMs['nobody']!)
  t.ok(ratio > 0.6 && ratio < 1.6, `the medians are alike: ${ratio.toFixed(2)}`)
  const stored = await globex.db
    .selectFrom('invite')
    .select((eb) => ['userId', 'status', eb.fn.countAll<number>().as('count')])
    .groupBy(['userId', 'status'])
    .orderBy('status')
    .execute()
  t.match(stored, [
    { status: 'open', count: 75 },
    { status: 'refused', userId: null, count: 75 },
  ])
})

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

t.test(
  'INV-05: a letter that is too large, has a note, or names too many companies is refused',
  async (t) => {
    const { net, alice, bob, thread } = await world(t)
    const { context } = net.node('acme')
    const about = { space: thread, inviter: alice.id, to: 'bob' }
    const send = async (changes: Record<string, unknown>): Promise<string | undefined> =>
      codeOfAnswer(await deliver(context, await writeLetter(context, about, changes)))
    const companies = (count: number): string[] =>
      Array.from({ length: count }, (_, n) => `company-${n}.example`)
    t.equal(await send({ padding: 'x'.repeat(17 * 1024) }), 'too-large')
    t.equal(await send({ note: 'x'.repeat(600) }), 'schema')
    t.equal(await send({ note: 'Hello' }), 'schema', 'there is no free text')
    t.equal(await send({ roster: companies(52) }), 'schema')
    t.equal(await send({ title: 'x'.repeat(201) }), 'schema')
    t.strictSame(await invitationsOf(bob), [])
    t.equal(await send({ roster: companies(51) }), undefined)
    t.equal((await invitationsOf(bob)).length, 1, 'what is just within is received')
  },
)

t.test('INV-07: nobody answers for another node, or to a letter that was never sent', async (t) => {
  const { net, alice, bob, thread } = await world(t, ['acme', 'globex', 'initech'])
  const ivy = await net.person('ivy', 'initech')
  await net.befriend('acme', 'initech')
  const { id } = await invite(alice, thread, { address: bob.address }, { companies: ['globex.test'] })
  await eventuallyInvited(net, bob, thread)
  const respond = async (node: string, user: Person, jti: string): Promise<string | undefined> => {
    const { context } = net.node(node)
    const said = {
      v: 1,
      iss: context.node,
      aud: 'acme.test' as NodeId,
      jti: jti as InviteId,
      space: thread as SpaceId,
      genesis: thread.slice(2) as Hash,
      answer: 'accept',
      user: user.id,
      at: context.clock.now(),
    } as const
    const body = {
      response: signInviteResponse(said, context.keys.signer),
      identity: await signedIdentity(context, context.db, user.id as never),
    }
    return codeOfAnswer(
      await callPeer(context, 'acme.test' as NodeId, { contract: respondToInvite, params: { jti }, body }),
    )
  }
  t.equal(await respond('initech', ivy, id), 'invite-unknown', 'it was for globex')
  t.equal(await respond('globex', bob, 'A'.repeat(22)), 'invite-unknown')
  t.equal(await textsOf(ivy, thread), undefined)
  t.match(await sentInto(alice, thread), [{ id, status: 'open' }])
  t.equal(await respond('globex', bob, id), undefined)
  t.equal(await respond('globex', bob, id), undefined, 'the same again has the same result')
})

t.test('INV-11: who finds companies in the log that the letter did not name leaves again', async (t) => {
  const { net, alice, bob, thread } = await world(t, ['acme', 'globex', 'initech'])
  const carol = await net.person('carol', 'initech')
  await net.befriend('acme', 'initech')
  await share(net, alice, thread, carol)
  net.cut('acme', 'globex')
  const { id } = await invite(alice, thread, { address: bob.address }, { companies: ['globex.test'] })
  await net.clock.settle()
  // A host that says one thing and does another: what it sends names nobody, and what it has written down does.
  const { context } = net.node('acme')
  const about = { space: thread, inviter: alice.id, to: 'bob' }
  const jws = await writeLetter(context, about, {
    jti: id as InviteId,
    roster: ['acme.test' as NodeId],
  })
  await context.db
    .updateTable('invite')
    .set({ jws, roster: '["acme.test","initech.test"]' })
    .where('jti', '=', id as InviteId)
    .execute()
  net.heal('acme', 'globex')
  t.strictSame((await eventuallyInvited(net, bob, thread)).roster, ['acme.test'])
  await bob.ok('POST', `/api/invitations/${id}/accept`)
  await net.eventually('bob was in, and is out again', async () => {
    const { entries } = await alice.get<{ entries: { type: string; content: { user?: string } }[] }>(
      `/api/spaces/${thread}/entries?limit=200`,
    )
    return entries.some(({ type, content }) => type === 'member.leave' && content.user === bob.id)
  })
  t.equal(await textsOf(bob, thread), undefined)
  const alarms = await net.node('globex').context.db.selectFrom('securityEvent').select('detail').execute()
  t.match(
    alarms.map(({ detail }) => detail),
    [/initech\.test/],
  )
})

t.test('a stranger brings a few letters, and none that makes us look for others', async (t) => {
  const { net, alice, bob } = await world(t, ['acme', 'globex', 'initech'])
  const ivy = await net.person('ivy', 'initech')
  const { context } = net.node('initech')
  const thread = await startThread(ivy, { title: 'Buy this' })
  const about = { space: thread, inviter: ivy.id, to: 'bob' }
  const acme = net.node('acme').context
  const foreign = await signedIdentity(acme, acme.db, alice.id as UserId)
  const named = { inviter: foreign, roster: ['initech.test' as NodeId, acme.node] }
  t.equal(codeOfAnswer(await deliver(context, await writeLetter(context, about, named))), 'no-right')
  const codes = []
  for (let n = 0; n < 22; n++)
    codes.push(codeOfAnswer(await deliver(context, await writeLetter(context, about))))
  const refused = codes.indexOf('rate')
  t.ok(refused > 15, 'a few are taken')
  t.ok(codes.slice(0, refused).every((code) => code === undefined))
  t.ok(
    codes.slice(refused + 1).every((code) => code === 'rate-limited'),
    'who is asked for quiet keeps it',
  )
  t.strictSame(await invitationsOf(bob), [], 'he hears nothing of them')
})

t.test('a letter that was on its way begins no partnership again that was ended', async (t) => {
  const { net, alice, bob, thread } = await world(t)
  net.cut('acme', 'globex')
  await invite(alice, thread, { address: bob.address }, { companies: ['globex.test'] })
  // The first attempt has failed, and the next one comes later.
  await net.clock.settle()
  await alice.ok('POST', '/api/peers/globex.test/end')
  net.heal('acme', 'globex')
  await net.clock.advance(5 * 60_000)
  t.strictSame(await invitationsOf(bob), [])
  const { peers } = await alice.get<{ peers: { node: string; state: string }[] }>('/api/peers')
  t.match(peers, [{ node: 'globex.test', state: 'ended' }])
  const other = await startThread(alice, { title: 'Other' })
  const { status } = await invite(alice, other, { address: bob.address }, { companies: ['globex.test'] })
  t.equal(status, 'approval', 'only an administrator begins another')
})
