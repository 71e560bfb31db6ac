import assert from 'node:assert/strict'
import { allow, eventuallyInvited, eventuallyWaits, refusalOf } from '../helpers/invitations.ts'
import { idOf } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { entriesOf, eventuallySees, post, startGroup, startThread, textsOf } from '../helpers/spaces.ts'
import { mailSteps } from './mail-steps.ts'
import { names, quoted } from './read.ts'
import { removalSteps } from './removal-steps.ts'
import type { Step, Story } from './story.ts'

// The sentences of which scenarios are made. Each is one line of a file, whole; what stands in parentheses is handed
// to the step. `NAME` is a person or a company, `TITLE` a space by its title.

const everyday: readonly Step[] = [
  [
    /^(\w+) works at (\w+)\.$/,
    async (story, name, company) => story.meet(name, await story.net.person(name, company)),
  ],
  [/^(\w+) and (\w+) are partners\.$/, async (story, one, other) => await story.net.befriend(one, other)],
  [
    /^(\w+) starts the group "([^"]+)"\.$/,
    async (story, name, title) => {
      story.name(title, await startGroup(story.person(name), { title: title }))
    },
  ],
  [
    /^(\w+) starts the thread "([^"]+)"(?: in (".+"))?\.$/,
    async (story, name, title, groups) => {
      const ids = quoted(groups ?? '').map((group) => story.space(group))
      story.name(title, await startThread(story.person(name), { title: title, groups: ids }))
    },
  ],
  [
    /^(\w+) adds (\w+) to "([^"]+)"\.$/,
    async (story, name, colleague, title) => {
      const url = `/api/spaces/${story.space(title)}/members`
      await story.person(name).ok('POST', url, { handle: story.person(colleague).handle })
    },
  ],
  [
    /^(\w+) writes "([^"]+)" in "([^"]+)"\.$/,
    async (story, name, text, title) => {
      await post(story.person(name), story.space(title), text)
    },
  ],
  [
    /^(\w+) sees "([^"]+)" in "([^"]+)"\.$/,
    async (story, name, text, title) => {
      await eventuallySees(story.net, story.person(name), story.space(title), text)
    },
  ],
  [
    /^(\w+) sees only (".+"|nothing) in "([^"]+)"\.$/,
    async (story, name, list, title) => {
      const expected = quoted(list)
      const texts = async () => await textsOf(story.person(name), story.space(title))
      // What comes late has to be waited for, and what must not come too.
      await story.net.clock.until(async () => (await texts())?.length === expected.length)
      await story.net.clock.advance(10_000)
      assert.deepEqual(await texts(), expected)
    },
  ],
  [
    /^(\w+) cannot open "([^"]+)"\.$/,
    async (story, name, title) =>
      assert.equal(await textsOf(story.person(name), story.space(title)), undefined),
  ],
  [
    /^within (\d+) seconds (\w+) cannot open "([^"]+)"\.$/,
    async (story, seconds, name, title) => {
      const isGone = async () => (await textsOf(story.person(name), story.space(title))) === undefined
      await story.net.eventually(`${name} cannot open "${title}"`, isGone, Number(seconds) * 1000)
    },
  ],
  [
    /^(\d+) (minutes|hours|days) pass\.$/,
    async (story, count, unit) => {
      const minutes = { minutes: 1, hours: 60, days: 24 * 60 }[unit as 'minutes']
      await story.net.clock.advance(Number(count) * minutes * 60_000)
    },
  ],
  [
    /^(\w+) is offline\.$/,
    async (story, company) => {
      for (const other of story.companies) if (other !== company) story.net.cut(company, other)
    },
  ],
  [
    /^(\w+) is back\.$/,
    async (story, company) => {
      for (const other of story.companies) if (other !== company) story.net.heal(company, other)
    },
  ],
]

/** A window as people say it: everything, from now on, or from a message on. */
async function windowOf(person: Person, space: string, words?: string): Promise<{ history?: string }> {
  if (words === undefined) return {}
  const [from] = quoted(words)
  if (from === undefined) return { history: words === 'from now on' ? 'now' : 'all' }
  const entry = (await entriesOf(person, space)).find(({ content }) => content?.['text'] === from)
  assert.ok(entry, `"${from}" was written there`)
  return { history: `since:${entry.seq}` }
}

const inviting: readonly Step[] = [
  [
    /^(\w+) invites (\w+) of (\w+) to "([^"]+)"(?:, (with all that was written|from now on|from "[^"]+" on))?\.$/,
    async (story, name, invitee, company, title, window) => {
      const body = {
        to: { address: `@${invitee}:${idOf(company)}` },
        companies: [idOf(company)],
        ...(await windowOf(story.person(name), story.space(title), window)),
      }
      await story.person(name).ok('POST', `/api/spaces/${story.space(title)}/invitations`, body)
    },
  ],
  [
    /^(\w+) finds the contact (\w+) and invites them to "([^"]+)"\.$/,
    async (story, name, contact, title) => {
      const { contacts } = await story
        .person(name)
        .get<{ contacts: { person: { id: string; name: string; node: string } }[] }>(
          `/api/contacts?query=${contact}`,
        )
      const found = contacts.find(({ person }) => person.name === contact)?.person
      assert.ok(found, `${name} has a contact called ${contact}`)
      const body = { to: { user: found.id }, companies: [found.node] }
      await story.person(name).ok('POST', `/api/spaces/${story.space(title)}/invitations`, body)
    },
  ],
  [
    /^(\w+) sees who invites to "([^"]+)": (\w+) of (\w+), with (.+) taking part\.$/,
    async (story, name, title, inviter, company, roster) => {
      const shown = await eventuallyInvited(story.net, story.person(name), story.space(title))
      const { inviter: person, host } = shown as unknown as { inviter: { name: string }; host: string }
      assert.deepEqual([person.name, host], [inviter, idOf(company)])
      assert.deepEqual(shown.roster, names(roster).map(idOf))
    },
  ],
  [
    /^(\w+) (accepts|declines) the invitation to "([^"]+)"\.$/,
    async (story, name, answer, title) => {
      const person = story.person(name)
      const { id } = await eventuallyInvited(story.net, person, story.space(title))
      await person.ok('POST', `/api/invitations/${id}/${answer === 'accepts' ? 'accept' : 'decline'}`)
      if (answer === 'declines') return
      const isIn = async () => (await textsOf(person, story.space(title))) !== undefined
      await story.net.eventually(`${name} is in "${title}"`, isIn)
    },
  ],
  [
    /^(\w+) adds the group "([^"]+)" to "([^"]+)", which brings (.+)\.$/,
    async (story, name, group, title, companies) => {
      const person = story.person(name)
      const url = `/api/spaces/${story.space(title)}/groups`
      const groupId = story.space(group)
      // Whom it brings is shown before, and has to be said.
      assert.equal(await refusalOf(person, ['POST', url, { groupId }]), 'companies-changed')
      await person.ok('POST', url, { groupId, companies: names(companies).map(idOf) })
    },
  ],
  [
    /^(\w+) asks before other companies arrive\.$/,
    async (story, company) => await allow(story.ownerOf(company), { transitive: 'ask' }),
  ],
  [
    /^(\w+) lets other companies arrive\.$/,
    async (story, company) => await allow(story.ownerOf(company), { transitive: 'allow' }),
  ],
  [
    /^(\w+) cannot write in "([^"]+)"\.$/,
    async (story, name, title) => {
      const url = `/api/spaces/${story.space(title)}/messages`
      await story.net.eventually(`${name} is refused`, async () => {
        return (await story.person(name).ask('POST', url, { text: 'May I?' })).status >= 400
      })
    },
  ],
  [
    /^(\w+) (agrees to|refuses) what has arrived\.$/,
    async (story, name, verdict) => {
      const { id } = await eventuallyWaits(story.net, story.person(name), 'company')
      await story
        .person(name)
        .ok('POST', `/api/approvals/${id}/${verdict === 'refuses' ? 'refuse' : 'approve'}`)
    },
  ],
]

const steps: readonly Step[] = [...everyday, ...inviting, ...mailSteps, ...removalSteps]

export async function takeStep(story: Story, text: string): Promise<void> {
  for (const [sentence, run] of steps) {
    const words = sentence.exec(text)
    if (words) return await run(story, ...words.slice(1))
  }
  throw new Error('No step is said like this; see the sentences in test/scenarios/*steps.ts.')
}
