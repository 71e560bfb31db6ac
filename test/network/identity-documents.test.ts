import t from 'tap'
import { readIdentity, signIdentity } from '#federation/identity.ts'
import { signInviteResponse } from '#federation/invite.ts'
import type { Hash, InviteId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Identity } from '#schema/wire/identity.ts'
import { getIdentity, pushIdentities, respondToInvite } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { refreshLapsed } from '#server/peers/identities/exchange.ts'
import { signedIdentity } from '#server/vouch.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { inviteTo, share, startThread } from '../helpers/spaces.ts'

// Documents between nodes: what is taken in, what is refused, and who is answered.

type World = { net: Network; alice: Person; anna: Person; bob: Person; thread: string }

async function world(): Promise<World> {
  const net = await network(['acme', 'globex'])
  const alice = await net.person('alice', 'acme')
  const anna = await net.person('anna', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await net.clock.advance(30_000)
  return { net, alice, anna, bob, thread }
}

/** A document about bob, signed by globex, with changes that globex itself would not make. */
async function about(net: Network, bob: Person, changes: Partial<Identity>): Promise<string> {
  const { context } = net.node('globex')
  const document = readIdentity(await signedIdentity(context, context.db, bob.id as UserId))
  if (!document.ok) throw new Error('The document cannot be read.')
  return signIdentity({ ...document.value.payload, ...changes }, context.keys.signer)
}

/** Pushes documents from globex to acme; what came back, in a word. */
async function push(net: Network, ...identities: string[]): Promise<string> {
  const { context } = net.node('globex')
  const answer = await callPeer(context, 'acme.test' as NodeId, {
    contract: pushIdentities,
    body: { identities },
  })
  if (answer.ok) return JSON.stringify(answer.value.refused.map(({ place, code }) => [place, code]))
  return 'refused' in answer ? answer.refused.code : answer.failed.reason
}

async function nameAt(net: Network, user: Person): Promise<string | undefined> {
  return (await net.node('acme').context.reads.person(user.id as UserId))?.name
}

t.test('IDN-10: the eleventh version within an hour is refused, and the last one stays', async (t) => {
  const { net, bob } = await world()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  // The version that came with the join is the first.
  for (let ver = 2; ver <= 10; ver++) {
    t.equal(await push(net, await about(net, bob, { ver, name: `Bob ${ver}` })), '[]')
  }
  t.equal(await push(net, await about(net, bob, { ver: 11, name: 'Bob 11' })), '[[0,"rate"]]')
  const last = net.wire.heardBy('acme.test').findLast(({ target }) => target.endsWith('/v1/identities'))
  t.equal(last?.status, 200, 'a 429 would ask all of globex to be quiet')
  const { refused } = JSON.parse(last?.answer ?? '') as { refused: { retry_after: number }[] }
  const after = refused[0]!.retry_after
  t.ok(after > 3_500 && after <= 3_600 - 30, 'until the hour is over that began with the first')
  t.equal(await nameAt(net, bob), 'Bob 10')
  t.equal(await push(net, await about(net, bob, { ver: 10, name: 'Bob 10' })), '[]', 'renewing is no change')
  const gone = await about(net, bob, { ver: 12, name: 'Bob 12', status: 'suspended' })
  t.equal(await push(net, gone), '[]', 'and that somebody is gone is always taken')
})

t.test('[I4] a lower version is refused, and two things under one version are an alarm', async (t) => {
  const { net, bob } = await world()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  t.equal(await push(net, await about(net, bob, { ver: 3, name: 'Robert' })), '[]')
  t.equal(await push(net, await about(net, bob, { ver: 2, name: 'Bobby' })), 'identity-rollback')
  const { db } = net.node('acme').context
  const alarms = async () => await db.selectFrom('securityEvent').select(['kind', 'peer']).execute()
  t.strictSame(await alarms(), [])
  const older = { ver: 3, name: 'Robert', iat: Math.floor(net.clock.now / 1000) - 60 }
  t.equal(await push(net, await about(net, bob, older)), '[]', 'the same, issued before, changes nothing')
  t.strictSame(await alarms(), [])
  t.equal(await push(net, await about(net, bob, { ver: 3, name: 'Alice' })), 'identity-rollback')
  t.equal(await push(net, await about(net, bob, { ver: 3, name: 'Anna' })), 'identity-rollback')
  t.strictSame(await alarms(), [{ kind: 'identity-conflict', peer: 'globex.test' }], 'once')
  t.equal(await nameAt(net, bob), 'Robert')
})

t.test('IDN-02, IDN-03: what globex says of others, or for too long, is refused', async (t) => {
  const { net, alice, bob } = await world()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const now = Math.floor(net.clock.now / 1000)
  t.equal(await push(net, await about(net, bob, { sub: alice.id as UserId })), 'schema')
  t.equal(await push(net, await about(net, bob, { ver: 2, exp: now + 8 * 86_400 })), 'schema')
  t.equal(await push(net, await about(net, bob, { ver: 2, iat: now + 60 })), 'schema')
  t.equal(await push(net, await about(net, bob, { ver: 2, name: 'B\u202eob' })), 'schema')
  const fine = await about(net, bob, { ver: 2, name: 'Robert' })
  const bad = await about(net, bob, { ver: 3, name: 'Bob\nAdmin' })
  t.equal(await push(net, bad, fine), '[[0,"schema"]]', 'each is good or bad by itself')
  t.equal(await nameAt(net, bob), 'Robert')
})

t.test('IDN-08: a document with a name of ours, or about one of us, changes no account', async (t) => {
  const { net, alice, bob } = await world()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { db } = net.node('acme').context
  const ours = async () => [
    await db.selectFrom('account').selectAll().orderBy('userId').execute(),
    await db
      .selectFrom('user')
      .selectAll()
      .where('node', '=', 'acme.test' as NodeId)
      .orderBy('id')
      .execute(),
  ]
  const before = await ours()
  t.equal(await push(net, await about(net, bob, { ver: 2, name: 'alice' })), '[]')
  const forged = { iss: 'acme.test' as NodeId, sub: alice.id as UserId, ver: 9, name: 'Mallory' }
  t.equal(await push(net, await about(net, bob, forged)), 'no-right')
  t.strictSame(await ours(), before)
})

t.test(
  'IDN-04: with a document that has run out, or of somebody who is suspended, nobody joins',
  async (t) => {
    const { net, alice, bob } = await world()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const space = (await startThread(alice, { title: 'Second' })) as SpaceId
    const jti = (await inviteTo(net, alice, space, bob)) as InviteId
    const { context } = net.node('globex')
    const answer = async (changes: Partial<Identity>) => {
      const genesis = space.slice(2) as Hash
      const at = net.clock.now
      const letter = { v: 1, iss: context.node, aud: 'acme.test' as NodeId, jti, space, genesis, at } as const
      const response = signInviteResponse({ ...letter, answer: 'accept', user: bob.id }, context.keys.signer)
      const body = { response, identity: await about(net, bob, changes) }
      const said = await callPeer(context, 'acme.test' as NodeId, {
        contract: respondToInvite,
        params: { jti },
        body,
      })
      if (said.ok) return said.value.status
      return 'refused' in said ? `${said.refused.code}/${said.refused.detail ?? ''}` : said.failed.reason
    }
    const now = Math.floor(net.clock.now / 1000)
    t.match(await answer({ ver: 2, iat: now - 8 * 86_400, exp: now - 86_400 }), /^schema/)
    t.match(await answer({ ver: 2, status: 'suspended' }), /^no-right/)
    t.equal(await answer({ ver: 3 }), 'joined', 'with one that vouches for him he does')
  },
)

t.test('IDN-09: somebody of another company has nothing to sign in with here', async (t) => {
  const { net, alice, bob } = await world()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { app, context } = net.node('acme')
  const signIn = async (handle: string) =>
    await app.inject({ method: 'POST', url: '/api/sessions', payload: { handle, password: 'correct horse' } })
  const words = ({ body }: { body: string }) => body.replace(/urn:uuid:[^"]*/, '')
  t.equal((await signIn('bob')).statusCode, 401)
  t.equal(words(await signIn('bob')), words(await signIn('nobody')))
  const acts = [
    ['POST', `/api/accounts/${bob.id}/suspend`],
    ['POST', `/api/accounts/${bob.id}/reactivate`],
    ['PUT', `/api/accounts/${bob.id}/role`, { role: 'owner' }],
    ['GET', `/api/accounts/${bob.id}/sessions`],
    ['DELETE', `/api/accounts/${bob.id}/sessions`],
    ['DELETE', `/api/accounts/${bob.id}`],
    ['POST', `/api/guests/${bob.id}/convert`, { handle: 'bob' }],
  ] as const
  for (const [method, url, body] of acts) t.equal((await alice.ask(method, url, body)).status, 404, url)
  const { db } = context
  t.strictSame(
    await db
      .selectFrom('account')
      .select('userId')
      .where('userId', '=', bob.id as UserId)
      .execute(),
    [],
  )
  const session = { tokenHash: 'x', userId: bob.id as UserId, createdAt: 0, expiresAt: 1e15, device: null }
  await t.rejects(db.insertInto('session').values(session).execute(), 'no session without an account')
})

t.test('nobody is told of who has nothing to do with them, nor tells of them', async (t) => {
  const { net, alice, anna, bob, thread } = await world()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const ask = async (sub: string) =>
    await callPeer(net.node('globex').context, 'acme.test' as NodeId, {
      contract: getIdentity,
      params: { sub },
    })
  const told = await ask(alice.id)
  t.ok(told.ok && readIdentity(told.value.identity).ok)
  const unknown = `u_${'a'.repeat(26)}@acme.test`
  await ask(anna.id)
  await ask(unknown)
  const [hidden, nobody] = net.wire
    .heardBy('acme.test')
    .filter(({ target }) => target.includes('/v1/identities/'))
    .slice(-2)
  t.equal(hidden?.status, 404)
  const words = (answer = '') => answer.replace(/urn:uuid:[^"]*/, '')
  t.equal(words(hidden?.answer), words(nobody?.answer))

  const stranger = bob.id.replace(/^u_./, bob.id.startsWith('u_b') ? 'u_c' : 'u_b') as UserId
  t.equal(await push(net, await about(net, bob, { sub: stranger })), 'not-participating')

  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.eventually('globex is told no more', async () => !(await ask(alice.id)).ok)
})

t.test('who was never told, or whose document has run out, is asked for', async (t) => {
  const { net, alice, bob } = await world()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const globex = net.node('globex').context
  await globex.db
    .deleteFrom('identity')
    .where('userId', '=', alice.id as UserId)
    .execute()
  t.equal((await bob.get<{ vouched: boolean }>(`/api/people/${alice.id}`)).vouched, false)
  await refreshLapsed(globex)
  t.equal((await bob.get<{ vouched: boolean }>(`/api/people/${alice.id}`)).vouched, true)
})
