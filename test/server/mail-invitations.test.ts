import t from 'tap'
import { limits } from '#schema/limits.ts'
import { sendDueMail } from '#server/mail/outbox.ts'
import { guestIn, groupOf, inviteByMail, mailedToken, postTo, proofFor } from '../helpers/guests.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { openMailbox } from '../helpers/mailbox.ts'
import { codeOf, testNode } from '../helpers/node.ts'

const gus = 'gus@nowhere.test'
const accept = '/api/mail-invitations/accept'
const open = '/api/mail-invitations/open'

t.test(
  'somebody without a workspace is invited by mail, sees the invitation, and takes part as a guest',
  async (t) => {
    await using mailbox = await openMailbox()
    await using node = await testNode({ config: { mail: mailbox.settings, organisation: 'Acme' } })
    const alice = await node.signUp('alice', 'Alice <b>Free text</b>')
    const group = await groupOf(alice, 'A secret title')
    await alice.post(`/api/spaces/${group}/messages`, { text: 'Welcome.' })
    const sent = await inviteByMail(alice, group, 'Gus@Nowhere.test', { history: 'all' })
    t.match(sent.json(), { invitee: gus, node: null, status: 'open', link: null })
    await sendDueMail(node.context)
    const [mail] = mailbox.to(gus)
    t.match(mail?.text, 'Somebody at Acme (acme.localhost) invites you')
    t.notMatch(mail?.raw, /Free text|secret title/, 'no word that a person chose')
    const token = mail!.token

    const opened = await postTo(node, open, { token })
    t.match(opened.json(), {
      host: 'acme.localhost',
      organisation: 'Acme',
      inviter: { name: 'Alice <b>Free text</b>', node: 'acme.localhost' },
      kind: 'group',
      title: 'A secret title',
      roster: ['acme.localhost'],
      email: gus,
      guests: true,
      needsCode: true,
    })
    t.equal(codeOf(await postTo(node, accept, { token, name: 'Gus' })), 'code-required')
    const proof = await proofFor(node, mailbox, token, gus)
    const taken = await postTo(node, accept, { token, name: 'Gus', proof })
    t.equal(taken.statusCode, 201, taken.body)
    t.match(taken.json(), { user: { name: 'Gus', role: 'guest', handle: null }, space: group })

    const { user, session } = taken.json<{ user: { id: never }; session: { token: string } }>()
    const guest = node.personWith({ userId: user.id, handle: '' as never, token: session.token })
    const seen = (await guest.get(`/api/spaces/${group}/entries`)).body
    t.match(seen, 'Welcome.')
    const { members } = (await alice.get(`/api/spaces/${group}`)).json<{ members: object[] }>()
    t.match(members, [{}, { person: { name: 'Gus', external: true, kind: 'guest' }, role: 'poster' }])
    const contacts = (await alice.get('/api/contacts?query=gu')).json<{ contacts: object[] }>()
    t.equal(contacts.contacts.length, 1, 'accepting makes a contact')
  },
)

t.test(
  'INV-12: a mailed link is not used up by GET, works once, for its address alone, and for seven days',
  async (t) => {
    await using mailbox = await openMailbox()
    const clock = handClock()
    await using node = await testNode({ clock, config: { mail: mailbox.settings } })
    const alice = await node.signUp('alice')
    const group = await groupOf(alice)
    await inviteByMail(alice, group, gus)
    const token = await mailedToken(node, mailbox, gus)
    const { link } = mailbox.to(gus)[0]!
    t.notMatch(
      new URL(link).pathname + new URL(link).search,
      token,
      'the token never reaches a server by itself',
    )
    for (const url of ['/', link, `/?invitation=${token}`, `/api/mail-invitations/open?token=${token}`]) {
      await node.app.inject({ method: 'GET', url })
      await node.app.inject({ method: 'HEAD', url })
    }
    t.equal((await postTo(node, open, { token })).statusCode, 200, 'not even by looking at it')

    await inviteByMail(alice, group, 'mallory@nowhere.test')
    const theirs = await mailedToken(node, mailbox, 'mallory@nowhere.test')
    const foreign = await proofFor(node, mailbox, theirs, 'mallory@nowhere.test')
    t.equal(codeOf(await postTo(node, accept, { token, name: 'Mallory', proof: foreign })), 'wrong-code')

    const proof = await proofFor(node, mailbox, token, gus)
    const taken = await postTo(node, accept, { token, name: 'Gus', proof })
    t.equal(taken.statusCode, 201, taken.body)
    t.equal(codeOf(await postTo(node, accept, { token, name: 'Gus', proof })), 'link-invalid')
    t.equal(codeOf(await postTo(node, open, { token })), 'link-invalid')

    clock.pass(limits.mailLinkLifeMs)
    t.equal(codeOf(await postTo(node, open, { token: theirs })), 'link-invalid')
  },
)

t.test('of two who use a link at once, one gets in', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  const group = await groupOf(alice)
  const { link } = (await inviteByMail(alice, group, gus)).json<{ link: string }>()
  const token = link.split('=')[1]!
  const answers = await Promise.all(
    ['One', 'Two'].map(async (name) => (await postTo(node, accept, { token, name })).statusCode),
  )
  t.same(
    answers.toSorted((a, b) => a - b),
    [201, 410],
  )
})

t.test(
  'without a mail server the link is shown to the inviter, and is enough for a new account',
  async (t) => {
    await using node = await testNode()
    const alice = await node.signUp('alice')
    const group = await groupOf(alice)
    const sent = (await inviteByMail(alice, group, gus)).json<{ id: string; link: string }>()
    t.match(sent.link, /^http:\/\/acme\.localhost:4000\/#invitation=[\w-]{43}$/)
    const again = await alice.post(`/api/spaces/${group}/invitations/${sent.id}/resend`)
    const token = again.json<{ link: string }>().link.split('=')[1]!
    t.equal(
      codeOf(await postTo(node, open, { token: sent.link.split('=')[1] })),
      'link-invalid',
      'one link at a time',
    )
    t.match((await postTo(node, open, { token })).json(), { needsCode: false })
    t.equal(codeOf(await postTo(node, accept, { token })), 'name-required')
    t.equal((await postTo(node, accept, { token, name: 'Gus' })).statusCode, 201)

    const other = await groupOf(alice, 'Another')
    const next = (await inviteByMail(alice, other, gus)).json<{ link: string }>().link.split('=')[1]!
    t.match(
      (await postTo(node, open, { token: next })).json(),
      { needsCode: true },
      'the account is there by now',
    )
    t.equal(codeOf(await postTo(node, accept, { token: next, name: 'Mallory' })), 'code-required')
  },
)

t.test(
  'an invitation ends when it is declined or taken back, and when its inviter may invite no longer',
  async (t) => {
    await using node = await testNode()
    const alice = await node.signUp('alice')
    const bob = await node.signUp('bob')
    const group = await groupOf(alice)
    await alice.post(`/api/spaces/${group}/members`, { handle: 'bob', role: 'member' })
    const tokenFor = async (email: string): Promise<{ id: string; token: string }> => {
      const { id, link } = (await inviteByMail(bob, group, email)).json<{ id: string; link: string }>()
      return { id, token: link.split('=')[1]! }
    }
    const declined = await tokenFor('a@nowhere.test')
    t.equal((await postTo(node, '/api/mail-invitations/decline', { token: declined.token })).statusCode, 200)
    t.equal(codeOf(await postTo(node, accept, { token: declined.token, name: 'A' })), 'link-invalid')
    const revoked = await tokenFor('b@nowhere.test')
    t.equal((await bob.post(`/api/spaces/${group}/invitations/${revoked.id}/revoke`)).statusCode, 200)
    t.equal(codeOf(await postTo(node, accept, { token: revoked.token, name: 'B' })), 'link-invalid')
    const orphaned = await tokenFor('c@nowhere.test')
    await alice.delete(`/api/spaces/${group}/members/${bob.userId}`)
    t.equal(codeOf(await postTo(node, accept, { token: orphaned.token, name: 'C' })), 'invite-revoked')
    const { members } = (await alice.get(`/api/spaces/${group}`)).json<{ members: unknown[] }>()
    t.equal(members.length, 1)
  },
)

t.test('INV-15, R13: what is no plain address is refused by that name, and nobody is invited', async (t) => {
  await using node = await testNode({ config: { emailDomains: ['acme.localhost' as never] } })
  const alice = await node.signUp('alice')
  const group = await groupOf(alice)
  const wrong = [
    '"gus"@nowhere.test',
    '"a@evil.test x"@nowhere.test',
    'gus(comment)@nowhere.test',
    'gus@evil.test@nowhere.test',
    'gus@nowhere.test\r\nBcc: all@nowhere.test',
    'gus@nowhere.test, bob@nowhere.test',
    'Gus <gus@nowhere.test>',
    'güs@nowhere.test',
    'gus@nöwhere.test',
    'gus@nowhere',
    'gus@127.0.0.1',
    'gus@[127.0.0.1]',
    '.gus@nowhere.test',
    'gus..g@nowhere.test',
    '@evil.test:gus@nowhere.test',
    'typo@acme.localhost',
    `${'x'.repeat(65)}@nowhere.test`,
  ]
  for (const email of wrong) {
    t.equal(codeOf(await inviteByMail(alice, group, email)), 'invalid-address', JSON.stringify(email))
  }
  const rows = await node.context.db.selectFrom('mail').selectAll().execute()
  t.same(rows, [])
  t.equal((await inviteByMail(alice, group, "o'gus+launch@nowhere.test")).statusCode, 201)
})

t.test('a workspace without free accounts invites nobody by mail', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const group = await groupOf(alice)
  await inviteByMail(alice, group, gus)
  const token = await mailedToken(node, mailbox, gus)
  const policy = (await alice.get('/api/policies')).json<object>()
  const put = await alice.put('/api/policies', { ...policy, guests: false })
  t.equal(put.statusCode, 200, put.body)
  t.equal(codeOf(await inviteByMail(alice, group, 'other@nowhere.test')), 'policy-forbids')
  t.match((await postTo(node, open, { token })).json(), { guests: false })
  t.equal(codeOf(await postTo(node, accept, { token, name: 'Gus' })), 'guests-off')
})

t.test('a guest finds the account again by code, with what they were invited to', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const [one, two] = [await groupOf(alice, 'One'), await groupOf(alice, 'Two')]
  await guestIn(node, mailbox, { by: alice, space: one, email: gus })
  await guestIn(node, mailbox, { by: alice, space: two, email: gus, name: 'Not a second account' })
  const { challenge } = (await postTo(node, '/api/codes', { email: gus })).json<{ challenge: string }>()
  await sendDueMail(node.context)
  const { code } = mailbox.to(gus).at(-1)!
  const signedIn = await postTo(node, '/api/sessions/code', { challenge, code })
  t.match(signedIn.json(), { user: { role: 'guest', name: 'Gus' } })
  const { user, token } = signedIn.json<{ user: { id: never }; token: string }>()
  const guest = node.personWith({ userId: user.id, handle: '' as never, token })
  const { spaces } = (await guest.get('/api/spaces')).json<{ spaces: { id: string }[] }>()
  t.same(new Set(spaces.map(({ id }) => id)), new Set([one, two]))
})

t.test('an invitation that an administrator has to approve is mailed when they have', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  const bob = await node.signUp('bob')
  const group = await groupOf(bob)
  const policy = (await alice.get('/api/policies')).json<object>()
  await alice.put('/api/policies', { ...policy, approveOutgoing: true })
  const sent = await inviteByMail(bob, group, gus)
  t.match(sent.json(), { status: 'approval' })
  await sendDueMail(node.context)
  t.equal(mailbox.mails.length, 0)
  const { id } = sent.json<{ id: string }>()
  t.equal((await alice.post(`/api/approvals/${id}/approve`)).statusCode, 200)
  const token = await mailedToken(node, mailbox, gus)
  t.equal((await postTo(node, open, { token })).statusCode, 200)
})
