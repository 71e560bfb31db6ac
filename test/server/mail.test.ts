import t from 'tap'
import { limits } from '#schema/limits.ts'
import { sendDueMail, sweepMail } from '#server/mail/outbox.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { openMailbox } from '../helpers/mailbox.ts'
import { codeOf, password, testNode } from '../helpers/node.ts'

t.test(
  'a member is invited by mail: the mail has text and HTML, and its link makes the account',
  async (t) => {
    await using mailbox = await openMailbox()
    await using node = await testNode({ config: { mail: mailbox.settings, organisation: 'Acme <Inc>' } })
    const alice = await node.signUp('alice')
    t.equal((await alice.post('/api/enrolments', { email: ' Bob@Acme.Test ' })).statusCode, 201)
    await sendDueMail(node.context)
    const [mail] = mailbox.to('bob@acme.test')
    t.match(mail, { from: 'parley@acme.test', subject: 'Your account at acme.localhost' })
    t.match(mail?.text, 'Acme <Inc> (acme.localhost) has a workspace')
    t.match(mail?.html, 'Acme &#60;Inc&#62; (acme.localhost)')
    t.match(mail?.html, `href="${mail?.link}"`)
    t.match(mail?.link, /^http:\/\/acme\.localhost:4000\/#join=[\w-]{43}$/)
    t.match(mail?.raw, /^Auto-Submitted: auto-generated/m)

    const payload = { token: mail?.token, handle: 'bob', name: 'Bob', password }
    t.equal((await node.app.inject({ method: 'POST', url: '/api/accounts', payload })).statusCode, 201)
    t.equal(codeOf(await alice.post('/api/enrolments', { email: 'bob@acme.test' })), 'email-taken')
    t.equal(codeOf(await alice.post('/api/enrolments', { email: 'bob at acme' })), 'invalid-address')
  },
)

t.test('no link is left in the outbox once its mail has gone', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  await alice.post('/api/enrolments', { email: 'bob@acme.test' })
  const { db } = node.context
  const waiting = await db.selectFrom('mail').selectAll().executeTakeFirstOrThrow()
  t.match(waiting, { text: /#join=/, doneAt: null })
  await sendDueMail(node.context)
  t.equal(mailbox.mails.length, 1)
  const done = await db.selectFrom('mail').selectAll().executeTakeFirstOrThrow()
  t.match(done, { text: '', html: '', outcome: 'sent' })
  t.notMatch(JSON.stringify(done), mailbox.mails[0]!.token)
  await sendDueMail(node.context)
  t.equal(mailbox.mails.length, 1, 'and it is not sent twice')
})

t.test('a mail that the mail server puts off is sent later, and one that it refuses never', async (t) => {
  await using mailbox = await openMailbox()
  const clock = handClock()
  await using node = await testNode({ clock, config: { mail: mailbox.settings } })
  const alice = await node.signUp('alice')
  mailbox.refuse(450)
  await alice.post('/api/enrolments', { email: 'bob@acme.test' })
  await sendDueMail(node.context)
  const rows = async () =>
    await node.context.db.selectFrom('mail').select(['address', 'outcome', 'failures', 'doneAt']).execute()
  t.match(await rows(), [{ outcome: 'smtp-450', failures: 1, doneAt: null }])
  mailbox.refuse(undefined)
  await sendDueMail(node.context)
  t.equal(mailbox.mails.length, 0, 'not at once')
  clock.pass(limits.mailRetryDelayMinMs)
  await sendDueMail(node.context)
  t.equal(mailbox.to('bob@acme.test').length, 1)

  mailbox.refuse(550)
  await alice.post('/api/enrolments', { email: 'nobody@acme.test' })
  await sendDueMail(node.context)
  clock.pass(limits.mailRetryDelayMaxMs)
  mailbox.refuse(undefined)
  await sendDueMail(node.context)
  t.equal(mailbox.to('nobody@acme.test').length, 0)
  t.match((await rows()).at(-1), { outcome: 'smtp-550' })
})

t.test('a mail server that is away costs no mail, and what is too old is forgotten', async (t) => {
  const clock = handClock()
  const away = { url: 'smtp://127.0.0.1:1', from: 'parley@acme.test' }
  await using node = await testNode({ clock, config: { mail: away } })
  const alice = await node.signUp('alice')
  await alice.post('/api/enrolments', { email: 'bob@acme.test' })
  await sendDueMail(node.context)
  const row = async () => await node.context.db.selectFrom('mail').selectAll().executeTakeFirst()
  t.match(await row(), { outcome: 'ESOCKET', failures: 1, doneAt: null })
  clock.pass(limits.enrolmentLifeMs)
  await sweepMail(node.context)
  t.match(await row(), { outcome: 'expired', text: '', html: '' })
  clock.pass(limits.mailRowLifeMs)
  await sweepMail(node.context)
  t.equal(await row(), undefined)
})
