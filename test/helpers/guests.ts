import { sendDueMail } from '#server/mail/outbox.ts'
import type { Mailbox } from './mailbox.ts'
import type { TestNode, TestPerson } from './node.ts'

// How somebody without a workspace is invited by mail and comes in, on one node.

export async function groupOf(person: TestPerson, title = 'Launch'): Promise<string> {
  return (await person.post('/api/spaces', { kind: 'group', title })).json<{ id: string }>().id
}

export async function inviteByMail(person: TestPerson, space: string, email: string, more: object = {}) {
  return await person.post(`/api/spaces/${space}/invitations`, { to: { email }, ...more })
}

export async function postTo(node: TestNode, url: string, payload: object) {
  return await node.app.inject({ method: 'POST', url, payload })
}

/** The token of the link that was mailed last to an address. */
export async function mailedToken(node: TestNode, mailbox: Mailbox, email: string): Promise<string> {
  await sendDueMail(node.context)
  const mails = mailbox.to(email).filter(({ link }) => link.includes('#invitation='))
  return mails.at(-1)?.token ?? ''
}

/** Asks for the code that proves the address behind a link, and reads it in the mailbox. */
export async function proofFor(node: TestNode, mailbox: Mailbox, token: string, email: string) {
  const asked = await postTo(node, '/api/mail-invitations/code', { token })
  await sendDueMail(node.context)
  return {
    challenge: asked.json<{ challenge: string }>().challenge,
    code: mailbox.to(email).at(-1)?.code ?? '',
  }
}

/** Invited by mail, and in. */
export async function guestIn(
  node: TestNode,
  mailbox: Mailbox,
  invited: {
    readonly by: TestPerson
    readonly space: string
    readonly email: string
    readonly name?: string
    readonly more?: object
  },
): Promise<TestPerson> {
  const { by, space, email, name = 'Gus', more = {} } = invited
  const sent = await inviteByMail(by, space, email, more)
  if (sent.statusCode !== 201) throw new Error(`Nobody was invited: ${sent.body}`)
  const token = await mailedToken(node, mailbox, email)
  const proof = await proofFor(node, mailbox, token, email)
  const taken = await postTo(node, '/api/mail-invitations/accept', { token, name, proof })
  if (taken.statusCode !== 201) throw new Error(`Nobody came in: ${taken.body}`)
  const { user, session } = taken.json<{ user: { id: never }; session: { token: string } }>()
  return node.personWith({ userId: user.id, handle: '' as never, token: session.token })
}
