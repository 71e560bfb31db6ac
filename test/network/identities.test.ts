import t from 'tap'
import type { Person as Seen } from '#schema/person.ts'
import type { UserId } from '#schema/ids.ts'
import type { Person } from '../helpers/person.ts'
import { entriesOf, eventuallySees, post, share, startGroup, textsOf } from '../helpers/spaces.ts'
import { seen, vouched } from '../helpers/vouched.ts'

// Who somebody is, as other companies are told: at once, anew, and when it is over.

t.test('IDN-01: a new name reaches the host, and by it the third company, within two seconds', async (t) => {
  const { net, alice, bob, thread } = await vouched(['acme', 'globex', 'initech'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const carol = await net.person('carol', 'initech')
  await net.befriend('acme', 'initech')
  await share(net, alice, thread, carol)
  t.match(await seen(carol, thread, bob), { name: 'bob', node: 'globex.test', external: true, vouched: true })
  // What is told for the first time has gone, so that only the change is measured.
  await net.clock.advance(30_000)

  await bob.ok('PATCH', '/api/me', { name: 'Robert', title: 'Buyer', statusText: 'Away' })
  const knows = async (viewer: Person) => (await seen(viewer, thread, bob))?.name === 'Robert'
  await net.eventually(
    'alice and carol know',
    async () => (await knows(alice)) && (await knows(carol)),
    2_000,
  )
  const card = await carol.get<object>(`/api/people/${bob.id}`)
  t.match(card, { title: 'Buyer', statusText: null, external: true }, 'with what the policy shows of it')
})

t.test('a change is told after a cut and after a crash, and a lost answer does no harm', async (t) => {
  const { net, alice, bob, thread } = await vouched()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const isNamed = async (name: string) => (await seen(alice, thread, bob))?.name === name
  net.cut('acme', 'globex')
  await bob.ok('PATCH', '/api/me', { name: 'Robert' })
  await net.clock.advance(30_000)
  await net.crash('globex')
  await net.restart('globex')
  net.heal('acme', 'globex')
  await net.eventually('alice knows Robert', async () => await isNamed('Robert'), 5 * 60_000)

  const found = net.wire.loseAnswers((_from, _to, { target }) => target.includes('/v1/identities'))
  await bob.ok('PATCH', '/api/me', { name: 'Rob' })
  await net.eventually('alice knows Rob', async () => await isNamed('Rob'), 2_000)
  found()
  await net.clock.advance(3 * 60_000)
  const rows = await net.node('globex').context.db.selectFrom('identityPush').selectAll().execute()
  t.ok(
    rows.every(({ version, retryAt }) => version > 1 && retryAt === 0),
    'and globex comes to know that acme does',
  )
})

t.test('IDN-13: who is suspended at home is removed everywhere within a minute, with a fence', async (t) => {
  const { net, alice, gwen, bob, thread } = await vouched(['acme', 'globex', 'initech'])
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const carol = await net.person('carol', 'initech')
  await net.befriend('acme', 'initech')
  await share(net, alice, thread, carol)
  const group = await startGroup(alice, { title: 'Partners' })
  await share(net, alice, group, bob)
  await post(bob, thread, 'Written while it was allowed.')
  await eventuallySees(net, carol, thread, 'Written while it was allowed.')

  await gwen.ok('POST', `/api/accounts/${bob.id}/suspend`)
  const isOut = async (space: string) => (await seen(alice, space, bob)) === undefined
  await net.eventually('bob is removed', async () => (await isOut(thread)) && (await isOut(group)), 60_000)
  const removal = (await entriesOf(alice, thread)).find(({ type }) => type === 'member.remove')
  t.match(removal, { sender: 'node@acme.test', content: { user: bob.id } })
  await net.eventually('globex has confirmed the fences', async () => {
    const fences = await net.node('acme').context.db.selectFrom('fence').selectAll().execute()
    const his = fences.filter(({ subject }) => subject === bob.id)
    return his.length === 2 && his.every(({ receipt }) => receipt !== null)
  })
  await net.eventually('initech knows that nobody vouches for him', async () => {
    const { entries } = await carol.get<{ entries: { person: Seen | null }[] }>(
      `/api/spaces/${thread}/entries`,
    )
    return entries.some(({ person }) => person?.id === bob.id && !person.vouched)
  })
  t.ok((await textsOf(carol, thread))?.includes('Written while it was allowed.'))
})

t.test('IDN-13: a revocation that came while the host was down is made up for at its start', async (t) => {
  const { net, alice, bob, thread } = await vouched()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await net.clock.advance(10_000)
  // As if the process had died between taking the document in and ending the memberships.
  const { db } = net.node('acme').context
  await db
    .updateTable('user')
    .set({ status: 'deleted' })
    .where('id', '=', bob.id as UserId)
    .execute()
  await net.eventually('bob is removed', async () => (await seen(alice, thread, bob)) === undefined, 60_000)
})
