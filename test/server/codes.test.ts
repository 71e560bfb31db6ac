import t from 'tap'
import { limits } from '#schema/limits.ts'
import { sendDueMail } from '#server/mail/outbox.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { type Mailbox, openMailbox } from '../helpers/mailbox.ts'
import { codeOf, testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

const address = 'alice@acme.test'
type Asked = { readonly challenge: string; readonly code: string }

async function post(node: TestNode, url: string, payload: object) {
  return await node.app.inject({ method: 'POST', url, payload })
}

/** Asks for a code and reads it in the mailbox. */
async function askForCode(node: TestNode, mailbox: Mailbox, email = address): Promise<Asked> {
  const { challenge } = (await post(node, '/api/codes', { email })).json<{ challenge: string }>()
  await sendDueMail(node.context)
  return { challenge, code: mailbox.to(email).at(-1)?.code ?? '' }
}

/** Alice, with an address that she has shown to be hers. */
async function aliceWithAddress(node: TestNode, mailbox: Mailbox): Promise<TestPerson> {
  const alice = await node.signUp('alice')
  const asked = await alice.post('/api/me/email', { email: address })
  await sendDueMail(node.context)
  const { challenge } = asked.json<{ challenge: string }>()
  const confirmed = await alice.post('/api/me/email/confirm', {
    challenge,
    code: mailbox.to(address)[0]!.code,
  })
  t.equal(confirmed.statusCode, 200, confirmed.body)
  t.same((await alice.get('/api/me/email')).json(), { email: address })
  return alice
}

const notCode = (code: string): string => (code === '000000' ? '000001' : '000000')

t.test('a code signs in once, in the window that asked for it', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  await aliceWithAddress(node, mailbox)
  const asked = await askForCode(node, mailbox)
  t.match(asked.code, /^\d{6}$/)
  t.notMatch(mailbox.mails.at(-1)?.subject, asked.code, 'subjects are shown on locked screens')
  const other = await askForCode(node, mailbox)
  const elsewhere = { challenge: other.challenge, code: asked.code }
  if (asked.code !== other.code)
    t.equal(codeOf(await post(node, '/api/sessions/code', elsewhere)), 'wrong-code')
  const signedIn = await post(node, '/api/sessions/code', asked)
  t.match(signedIn.json(), { user: { handle: 'alice' } })
  t.equal(codeOf(await post(node, '/api/sessions/code', asked)), 'wrong-code')
})

t.test('five wrong codes use a right one up, and so do ten minutes', async (t) => {
  await using mailbox = await openMailbox()
  const clock = handClock()
  await using node = await testNode({ clock, config: { mail: mailbox.settings } })
  await aliceWithAddress(node, mailbox)
  const guessed = await askForCode(node, mailbox)
  const wrong = { ...guessed, code: notCode(guessed.code) }
  for (let attempt = 1; attempt < limits.codeAttemptsMax; attempt++) {
    t.equal(codeOf(await post(node, '/api/sessions/code', wrong)), 'wrong-code')
  }
  t.equal(
    (await post(node, '/api/sessions/code', guessed)).statusCode,
    201,
    'after four the right one is good',
  )
  const spent = await askForCode(node, mailbox)
  const all = Array.from({ length: limits.codeAttemptsMax }, async () =>
    codeOf(await post(node, '/api/sessions/code', { ...spent, code: notCode(spent.code) })),
  )
  t.same(new Set(await Promise.all(all)), new Set(['wrong-code']))
  t.equal(codeOf(await post(node, '/api/sessions/code', spent)), 'wrong-code', 'after five it is not')
  const late = await askForCode(node, mailbox)
  clock.pass(limits.codeLifeMs)
  t.equal(codeOf(await post(node, '/api/sessions/code', late)), 'wrong-code')
})

t.test('the answer is the same for an address without an account, and nothing is mailed to it', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  await aliceWithAddress(node, mailbox)
  const rows = async (): Promise<number[]> =>
    await Promise.all(
      (['code', 'mail'] as const).map(async (table) => {
        const { count } = await node.context.db
          .selectFrom(table)
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
        return count
      }),
    )
  const before = await rows()
  const known = await post(node, '/api/codes', { email: address })
  const between = await rows()
  const unknown = await post(node, '/api/codes', { email: 'nobody@acme.test' })
  const after = await rows()
  await sendDueMail(node.context)
  t.equal(known.statusCode, 202)
  t.equal(unknown.statusCode, 202)
  t.same(Object.keys(known.json()), Object.keys(unknown.json()))
  t.equal(known.body.length, unknown.body.length)
  const work = (to: number[], from: number[]): number[] => to.map((count, i) => count - from[i]!)
  t.same(work(after, between), work(between, before), 'and so is the work')
  t.equal(mailbox.to('nobody@acme.test').length, 0)
})

t.test('nobody has their mailbox filled: five codes an hour, with the same answer afterwards', async (t) => {
  await using mailbox = await openMailbox()
  const clock = handClock()
  await using node = await testNode({ clock, config: { mail: mailbox.settings } })
  await aliceWithAddress(node, mailbox)
  const first = mailbox.mails.length
  for (let count = 0; count < 8; count++) {
    t.equal((await post(node, '/api/codes', { email: address })).statusCode, 202)
    clock.pass(60_000)
  }
  await sendDueMail(node.context)
  t.equal(mailbox.mails.length - first, limits.codesPerAddressPerHourMax - 1)
  clock.pass(60 * 60_000)
  t.match((await askForCode(node, mailbox)).code, /^\d{6}$/)
})

t.test('an address belongs to one account, and what is stored lets nobody in', async (t) => {
  await using mailbox = await openMailbox()
  await using node = await testNode({ config: { mail: mailbox.settings } })
  await aliceWithAddress(node, mailbox)
  const bob = await node.signUp('bob')
  const { challenge } = (await bob.post('/api/me/email', { email: address })).json<{ challenge: string }>()
  await sendDueMail(node.context)
  const { code } = mailbox.mails.at(-1)!
  t.equal(codeOf(await bob.post('/api/me/email/confirm', { challenge, code })), 'email-taken')
  const stored = JSON.stringify(await node.context.db.selectFrom('code').selectAll().execute())
  t.notMatch(stored, code)
  t.notMatch(stored, challenge)
})
