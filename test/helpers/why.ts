import type { Explanation, Follower, Hindrance, Why } from '#schema/why.ts'
import type { Person } from './person.ts'

type About<K extends Why['about']> = Extract<Why, { about: K }>

/** What an administrator is told about something that is known, when it has to be of this kind. */
export async function whyOf<K extends Why['about']>(
  asking: Person,
  id: string,
  about: K,
): Promise<About<K> & { readonly text: string }> {
  const { explanations } = await asking.get<{ explanations: Explanation[] }>(
    `/api/why/${encodeURIComponent(id)}`,
  )
  const found = explanations.find(({ why }) => why.about === about)
  if (!found) throw new Error(`There is no ${about} with the id ${id}: ${JSON.stringify(explanations)}`)
  return { ...(found.why as About<K>), text: found.sentences.join('\n') }
}

/** What keeps a message from one of those who read it. */
export function hindranceAt({ followers }: About<'message'>, node: string): Hindrance | null {
  return followerAt(followers, node).hindrance
}

export function followerAt(followers: readonly Follower[], node: string): Follower {
  const follower = followers.find((each) => each.node === node)
  if (!follower) throw new Error(`${node} follows nothing of it.`)
  return follower
}
