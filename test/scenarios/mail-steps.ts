import assert from 'node:assert/strict'
import { idOf } from '../helpers/network.ts'
import { personOf } from '../helpers/person.ts'
import type { Step, Story } from './story.ts'

// Sentences about e-mail: letters go through a real SMTP server, and are read there.

export const mailSteps: readonly Step[] = [
  [
    /^(\w+) shows that (\S+@\S+) is theirs\.$/,
    async (story, name, email) => {
      const person = story.person(name)
      const { challenge } = await person.ok<{ challenge: string }>('POST', '/api/me/email', { email })
      await person.ok('POST', '/api/me/email/confirm', { challenge, code: await mailedCode(story, email) })
    },
  ],
  [
    /^(\w+) invites (\S+@\S+) to "([^"]+)" by e-mail(?:, which brings (\w+))?(, with all that was written)?\.$/,
    async (story, name, email, title, company, all) => {
      await story.person(name).ok('POST', `/api/spaces/${story.space(title)}/invitations`, {
        to: { email },
        companies: company ? [idOf(company)] : [],
        ...(all ? { history: 'all' } : {}),
      })
    },
  ],
  [
    /^nobody was sent a letter\.$/,
    async (story) => {
      await story.net.clock.advance(60_000)
      assert.equal(story.mailbox.mails.filter(({ link }) => link.includes('#invitation=')).length, 0)
    },
  ],
  [
    /^the letter to (\S+@\S+) says nothing of "([^"]+)"\.$/,
    async (story, email, text) => {
      await mailedToken(story, email)
      for (const letter of story.mailbox.to(email)) assert.ok(!`${letter.text}${letter.html}`.includes(text))
    },
  ],
  [
    /^a scanner opens the link to (\S+@\S+) twice\.$/,
    async (story, email) => {
      const token = await mailedToken(story, email)
      const letter = story.mailbox.to(email).at(-1)!
      const { pathname } = new URL(letter.link)
      for (let time = 0; time < 2; time++) {
        const answer = await story.net.node('acme').app.inject(pathname)
        assert.equal(answer.statusCode, 200)
        assert.ok(!answer.body.includes(token))
      }
    },
  ],
  [
    /^(\w+) follows the link to (\S+@\S+) and goes on with a free account at (\w+)\.$/,
    async (story, name, email, company) => {
      const node = story.net.node(company)
      const token = await mailedToken(story, email)
      const send = async (url: string, payload: object) =>
        await node.app.inject({ method: 'POST', url, payload })
      const asked = await send('/api/mail-invitations/code', { token })
      const { challenge } = asked.json<{ challenge: string }>()
      const proof = { challenge, code: await mailedCode(story, email) }
      const taken = await send('/api/mail-invitations/accept', { token, name, proof })
      assert.equal(taken.statusCode, 201, taken.body)
      const { user, session } = taken.json<{ user: { id: string }; session: { token: string } }>()
      story.meet(
        name,
        personOf(() => node, { id: user.id, handle: name, token: session.token }),
      )
    },
  ],
  [
    /^(\w+) moves the free account at (\w+) to (\w+), where they are (\w+)\.$/,
    async (story, guest, host, home, member) => {
      const { url } = await story
        .person(guest)
        .ok<{ url: string }>('POST', '/api/me/move', { node: idOf(home) })
      const claim = { node: idOf(host), token: url.split('/').at(-1) }
      await story.person(member).ok('POST', '/api/claims/guest', claim)
    },
  ],
  [
    /^(\w+) is signed out for good\.$/,
    async (story, name) => assert.equal((await story.person(name).ask('GET', '/api/me')).status, 401),
  ],
]

async function mailedToken({ net, mailbox }: Story, email: string): Promise<string> {
  const letters = () => mailbox.to(email).filter(({ link }) => link.includes('#invitation='))
  await net.eventually(`a letter to ${email} has come`, async () => letters().length > 0)
  return letters().at(-1)!.token
}

async function mailedCode({ net, mailbox }: Story, email: string): Promise<string> {
  await net.eventually(
    `a code for ${email} has come`,
    async () => (mailbox.to(email).at(-1)?.code ?? '') !== '',
  )
  return mailbox.to(email).at(-1)!.code
}
