import t from 'tap'
import { limits } from '#schema/limits.ts'
import { expireGuests } from '#server/domain/guest-administration.ts'
import { countStorage } from '#server/domain/storage.ts'
import { sendDueMail } from '#server/mail/outbox.ts'
import { receiveGuestLookup } from '#server/peers/invites/guest-claims.ts'
import { Refusal } from '#server/refusal.ts'
import { guestIn, groupOf, inviteByMail, mailedToken, postTo, proofFor } from '../helpers/guests.ts'
import { handClock, type HandClock } from '../helpers/hand-clock.ts'
import { type Mailbox, openMailbox } from '../helpers/mailbox.ts'
import { codeOf, testNode, type TestNode, type TestNodeOptions, type TestPerson } from '../helpers/node.ts'
import { auditOf } from '../helpers/records.ts'
import { openSocket } from '../helpers/socket.ts'

const gus = 'gus@nowhere.test'
type World = {
  readonly node: TestNode
  readonly mailbox: Mailbox
  readonly alice: TestPerson
  readonly group: string
  readonly guest: TestPerson
}

/** Alice owns acme, and a guest is in her group. */
async function withGuest(options: TestNodeOptions, run: (world: World) => Promise<void>): Promise<void> {
  await using mailbox = await openMailbox()
  await using node = await testNode({ ...options, config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const group = await groupOf(alice)
  const guest = await guestIn(node, mailbox, { by: alice, space: group, email: gus })
  await run({ node, mailbox, alice, group, guest })
}

t.test('administrators see the guests with what they have, and nobody else does', async (t) => {
  const clock = handClock()
  await withGuest({ clock }, async ({ node, alice, guest }) => {
    const { guests } = (await alice.get('/api/guests')).json<{ guests: object[] }>()
    t.match(guests, [
      {
        person: { id: guest.userId, name: 'Gus', kind: 'guest', external: true },
        email: gus,
        status: 'active',
        expiresAt: clock.now() + limits.guestUnusedLifeMs,
        storage: { usedBytes: 0, bytesMax: limits.guestStorageBytesMax },
        spaces: 1,
      },
    ])
    const bob = await node.signUp('bob')
    t.equal(codeOf(await bob.get('/api/guests')), 'admin-required')
    t.equal(codeOf(await alice.post(`/api/guests/${bob.userId}/disable`)), 'not-found', 'not for members')
  })
})

t.test(
  'INV-14: a guest who is disabled or converted, and who is demoted, loses sockets and tokens at once',
  async (t) => {
    await withGuest({}, async ({ node, alice, group, guest }) => {
      const socket = await openSocket(node, guest.token)
      const disabled = await alice.post(`/api/guests/${guest.userId}/disable`)
      t.match(disabled.json(), { status: 'suspended', spaces: 0 })
      t.equal(await socket.closed, 4001)
      t.equal(codeOf(await guest.get('/api/me')), 'session-expired')
      const { members } = (await alice.get(`/api/spaces/${group}`)).json<{ members: unknown[] }>()
      t.equal(members.length, 1)
      t.match((await alice.post(`/api/guests/${guest.userId}/enable`)).json(), { status: 'active' })
      t.equal(codeOf(await guest.get('/api/me')), 'session-expired', 'what had ended does not come back')
    })
    await withGuest({}, async ({ node, alice, group, guest }) => {
      const socket = await openSocket(node, guest.token)
      t.equal(
        codeOf(await alice.post(`/api/guests/${guest.userId}/convert`, { handle: 'alice' })),
        'handle-taken',
      )
      const converted = await alice.post(`/api/guests/${guest.userId}/convert`, { handle: 'gus' })
      t.same(converted.json(), { id: guest.userId, handle: 'gus' })
      t.equal(await socket.closed, 4001)
      t.equal(codeOf(await guest.get('/api/me')), 'session-expired')
      const { members } = (await alice.get(`/api/spaces/${group}`)).json<{ members: object[] }>()
      t.match(
        members,
        [{}, { person: { kind: 'member', external: false } }],
        'what they were in stays theirs',
      )
      t.equal(
        codeOf(await alice.post(`/api/guests/${guest.userId}/convert`, { handle: 'gus2' })),
        'not-found',
      )
      t.ok(
        (await auditOf(node.context)).some(
          ({ act, actor }) => act === 'guest.convert' && actor === alice.userId,
        ),
      )

      const bob = await node.signUp('bob')
      await alice.put(`/api/accounts/${bob.userId}/role`, { role: 'admin' })
      const theirs = await openSocket(node, bob.token)
      await alice.put(`/api/accounts/${bob.userId}/role`, { role: 'member' })
      t.equal(codeOf(await bob.get('/api/guests')), 'admin-required', 'the next request has the new rights')
      await alice.post(`/api/accounts/${bob.userId}/suspend`)
      t.equal(await theirs.closed, 4001)
    })
  },
)

t.test('a member who was a guest signs in as before, and may do what members do', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const group = await groupOf(alice)
  const guest = await guestIn(node, mailbox, { by: alice, space: group, email: gus })
  await alice.post(`/api/guests/${guest.userId}/convert`, { handle: 'gus' })
  const { challenge } = (await postTo(node, '/api/codes', { email: gus })).json<{ challenge: string }>()
  await sendDueMail(node.context)
  const { code } = mailbox.to(gus).at(-1)!
  const signedIn = await postTo(node, '/api/sessions/code', { challenge, code })
  t.match(signedIn.json(), { user: { handle: 'gus', role: 'member' } })
  const { token } = signedIn.json<{ token: string }>()
  const member = node.personWith({ userId: guest.userId, handle: 'gus' as never, token })
  t.equal((await member.post('/api/spaces', { kind: 'group', title: 'My own' })).statusCode, 201)
})

t.test(
  'a free account that nobody has used for ninety days ends, and its address is free again',
  async (t) => {
    const clock: HandClock = handClock()
    const day = 24 * 60 * 60 * 1000
    await withGuest({ clock }, async ({ node, alice, group, guest }) => {
      clock.pass(20 * day)
      t.equal((await guest.get('/api/me')).statusCode, 200, 'a use')
      clock.pass(limits.guestUnusedLifeMs - 1)
      await expireGuests(node.context)
      const before = await node.context.db
        .selectFrom('user')
        .selectAll()
        .where('id', '=', guest.userId)
        .execute()
      t.match(before, [{ status: 'active' }])
      clock.pass(1)
      await expireGuests(node.context)
      const after = await node.context.db
        .selectFrom('user')
        .selectAll()
        .where('id', '=', guest.userId)
        .execute()
      t.match(after, [{ status: 'deleted', name: 'Gus' }], 'what they wrote keeps their name')
      const open = await node.context.db
        .selectFrom('member')
        .select('userId')
        .where('spaceId', '=', group as never)
        .where('untilSeq', 'is', null)
        .execute()
      t.same(
        open.map(({ userId }) => userId),
        [alice.userId],
      )
      t.ok((await auditOf(node.context)).some(({ act, actor }) => act === 'guest.expire' && actor === null))
      const account = await node.context.db
        .selectFrom('account')
        .select('email')
        .where('userId', '=', guest.userId)
        .executeTakeFirstOrThrow()
      t.equal(account.email, null)
    })
  },
)

t.test(
  'a guest holds up to one GiB, two uploads at once included; a member is not counted out',
  async (t) => {
    await withGuest({}, async ({ node, alice, guest }) => {
      const { db } = node.context
      const count = async (owner: Parameters<typeof countStorage>[1], bytes: number): Promise<string> =>
        await db.transaction().execute(async (tx) => {
          try {
            await countStorage(tx, owner, bytes)
            return 'counted'
          } catch (error) {
            if (error instanceof Refusal) return error.code
            throw error
          }
        })
      const guestOwner = { userId: guest.userId, role: 'guest' } as const
      const most = limits.guestStorageBytesMax - 10
      t.equal(await count(guestOwner, most), 'counted')
      const both = await Promise.all([count(guestOwner, 6), count(guestOwner, 6)])
      t.same(both.toSorted(), ['counted', 'quota-exceeded'])
      t.equal(await count(guestOwner, -6), 'counted')
      t.equal(await count(guestOwner, 10), 'counted')
      const { guests } = (await alice.get('/api/guests')).json<{ guests: object[] }>()
      t.match(guests, [{ storage: { usedBytes: limits.guestStorageBytesMax } }])
      const member = { userId: alice.userId, role: 'owner' } as const
      t.equal(await count(member, limits.guestStorageBytesMax * 2), 'counted')
    })
  },
)

t.test(
  'INV-14: a guest who was disabled cannot come back by an old code, passkey or invitation',
  async (t) => {
    await withGuest({}, async ({ node, mailbox, alice, guest }) => {
      const other = await groupOf(alice, 'Another')
      await inviteByMail(alice, other, gus)
      const { challenge } = (await postTo(node, '/api/codes', { email: gus })).json<{ challenge: string }>()
      const rows = await node.context.db.selectFrom('mail').selectAll().where('kind', '=', 'code').execute()
      const code = /^ *(\d{6})$/m.exec(rows.at(-1)!.text)![1]!
      await alice.post(`/api/guests/${guest.userId}/disable`)
      t.equal(codeOf(await postTo(node, '/api/sessions/code', { challenge, code })), 'wrong-code')
      const token = await mailedToken(node, mailbox, gus)
      const proof = await proofFor(node, mailbox, token, gus)
      const accept = { token, name: 'Gus', proof }
      t.equal(codeOf(await postTo(node, '/api/mail-invitations/accept', accept)), 'link-invalid')
    })
  },
)

t.test('a token for taking an account over is good for an hour', async (t) => {
  const clock = handClock()
  await withGuest({ clock }, async ({ node, alice, guest }) => {
    t.equal(codeOf(await alice.post('/api/me/move', { node: 'globex.test' })), 'not-found', 'for guests only')
    t.equal(codeOf(await guest.post('/api/me/move', { node: 'acme.localhost' })), 'not-a-workspace')
    const { url } = (await guest.post('/api/me/move', { node: 'Globex.test' })).json<{ url: string }>()
    t.match(url, /^https:\/\/globex\.test\/#move=acme\.localhost\/[\w-]{43}$/)
    const token = url.split('/').at(-1)!
    clock.pass(limits.guestMoveLifeMs - 1)
    t.same(await receiveGuestLookup(node.context, token), { guest: guest.userId })
    clock.pass(1)
    await t.rejects(receiveGuestLookup(node.context, token), { code: 'link-invalid' })
  })
})
