import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { allow } from '../helpers/invitations.ts'
import { idOf } from '../helpers/network.ts'
import { quoted } from './read.ts'
import type { Step, Story } from './story.ts'

// Sentences about the end of an access: what is asked first, what is said of it, and what is left.

type Loss = {
  readonly loses: { readonly id: string }[]
  readonly keeps: { readonly space: { readonly id: string } }[]
}

export const removalSteps: readonly Step[] = [
  [
    /^(\w+) lends its history for a quarter of an hour\.$/,
    async (story, company) => await allow(story.ownerOf(company), { lease: 'strict' }),
  ],
  [
    /^(\w+) removes (\w+) from "([^"]+)"\.$/,
    async (story, name, whom, title) => {
      await story
        .person(name)
        .ok('DELETE', `/api/spaces/${story.space(title)}/members/${story.person(whom).id}`)
    },
  ],
  [
    /^(\w+) removes the company (\w+) from "([^"]+)"\.$/,
    async (story, name, company, title) => {
      await story.person(name).ok('DELETE', `/api/spaces/${story.space(title)}/companies/${idOf(company)}`)
    },
  ],
  [
    /^(\w+) ends the partnership with (\w+)\.$/,
    async (story, name, company) => {
      await story.person(name).ok('POST', `/api/peers/${idOf(company)}/end`)
    },
  ],
  [
    /^before removing (\w+) from "([^"]+)" (\w+) is told that they lose (".+") and keep (".+"|nothing)\.$/,
    async (story, whom, title, name, losses, kept) => {
      const { id } = story.person(whom)
      const { people } = await story
        .person(name)
        .get<{ people: Loss[] }>(`/api/spaces/${story.space(title)}/removal-preview?userId=${id}`)
      const [loss] = people
      const titles = (spaces: readonly { readonly id: string }[] = []) =>
        spaces.map((space) => story.titleOf(space.id)).toSorted((a, b) => String(a).localeCompare(String(b)))
      assert.deepEqual(titles(loss?.loses), quoted(losses))
      assert.deepEqual(titles(loss?.keeps.map(({ space }) => space)), quoted(kept))
    },
  ],
  [
    /^(\w+) is told that (\w+) has (not yet )?confirmed the purge of "([^"]+)"\.$/,
    async (story, name, company, not, title) => {
      const isPurged = async (): Promise<boolean> => {
        const { removals } = await story
          .person(name)
          .get<{ removals: { node: string; state: string }[] }>(`/api/spaces/${story.space(title)}/removals`)
        const theirs = removals.filter(({ node }) => node === idOf(company))
        assert.ok(theirs.length > 0, 'a removal is listed')
        return theirs.every(({ state }) => state === 'purged')
      }
      if (not) assert.equal(await isPurged(), false)
      else await story.net.eventually(`${company} has confirmed the purge`, isPurged, 2 * 60 * 60_000)
    },
  ],
  [
    /^(\w+) holds "([^"]+)"\.$/,
    async (story, company, text) => assert.notDeepEqual(await tablesWith(story, company, text), []),
  ],
  [
    /^(\w+) holds nothing of "([^"]+)"\.$/,
    async (story, company, text) => assert.deepEqual(await tablesWith(story, company, text), []),
  ],
  [
    /^nothing that (\w+) was sent says "([^"]+)"\.$/,
    async ({ net }, company, text) => {
      const node = idOf(company)
      const heard = net.wire.sightings.flatMap(({ from, to, body, answer }) => [
        ...(to === node ? [body] : []),
        ...(from === node ? [answer] : []),
      ])
      assert.ok(!heard.some((each) => each.includes(text)))
    },
  ],
]

/** Where a company has these words, in any column of any table. */
async function tablesWith({ net }: Story, company: string, words: string): Promise<string[]> {
  const { db } = net.node(company).context
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'
  `.execute(db)
  const found: string[] = []
  for (const { name } of rows) {
    const { rows: hits } = await sql<{ n: number }>`
      select count(*) as n from ${sql.table(name)} t where position(${words} in t::text) > 0
    `.execute(db)
    if (hits[0]!.n > 0) found.push(name)
  }
  return found
}
