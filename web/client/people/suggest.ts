import type { listContacts } from '#schema/api/contacts.ts'
import type { Handle, UserId } from '#schema/ids.ts'
import type { Person } from '#schema/person.ts'
import { call } from '../model/api.ts'

// Whom one may name: colleagues and contacts by name, everybody else by a full address. There is no directory of others.

/** Somebody who was chosen, in the way they are reached. */
export type Picked =
  | { readonly by: 'handle'; readonly handle: Handle; readonly person: Person }
  | { readonly by: 'user'; readonly user: UserId; readonly person: Person }
  | { readonly by: 'address'; readonly address: string }
  | { readonly by: 'email'; readonly email: string }

const addressForm = /^@[^\s@:]+:[^\s@:]+\.[^\s@:.]+$/
const emailForm = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/

export async function suggest(typed: string): Promise<Picked[]> {
  const text = typed.trim()
  if (addressForm.test(text)) return [{ by: 'address', address: text.toLowerCase() }]
  if (emailForm.test(text)) return [{ by: 'email', email: text }]
  const { contacts } = await call<typeof listContacts>({
    method: 'GET',
    url: '/api/contacts',
    querystring: { query: text.replace(/^@/, ''), limit: 8 },
  })
  return contacts.map(({ person, handle }) =>
    handle === null ? { by: 'user', user: person.id, person } : { by: 'handle', handle, person },
  )
}

/** What tells two of them apart. */
export function keyOf(picked: Picked): string {
  switch (picked.by) {
    case 'handle':
    case 'user':
      return picked.person.id
    case 'address':
      return picked.address
    case 'email':
      return picked.email
  }
}

export function nameOfPicked(picked: Picked): string {
  switch (picked.by) {
    case 'handle':
    case 'user':
      return picked.person.name
    case 'address':
      return picked.address
    case 'email':
      return picked.email
  }
}
