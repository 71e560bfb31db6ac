import type { getSpace } from '#schema/api/spaces.ts'
import type { Space } from '#schema/space.ts'
import { listed } from '../space/words.ts'
import { call } from './api.ts'
import type { Model } from './model.ts'

// Direct conversations have no title: they are called by who is in them besides me.

export function namedSpace(model: Model, space: Space): Space {
  if (space.kind !== 'dm' || space.title !== null) return space
  const others = space.members.filter(({ person }) => person.id !== model.me.id)
  const names = [
    ...others.map(({ person }) => person.name),
    ...space.invitations.map(({ invitee }) => invitee),
  ]
  const title = names.length > 0 ? listed(names) : 'Only you'
  model.directNames.set(space.id, title)
  return { ...space, title }
}

/** Gives those in the inbox their names, which the list itself does not bring. */
export async function nameDirects(model: Model): Promise<void> {
  for (const summary of model.spaces) {
    if (summary.kind !== 'dm' || summary.title !== null) continue
    const known = model.directNames.get(summary.id)
    if (known === undefined) {
      const params = { spaceId: summary.id }
      namedSpace(model, await call<typeof getSpace>({ method: 'GET', url: '/api/spaces/:spaceId', params }))
    }
    summary.title = model.directNames.get(summary.id) ?? null
  }
}
